type Write = (details: object, message: string) => void;

/** As much of pino's logger as the house uses outside of requests. */
export interface Log {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}
