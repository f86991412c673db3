/** Which states may follow each state of a thing. */
export type MayBecome<State extends string> = Readonly<Record<State, readonly State[]>>;

/** Throws where `to` may not follow `from`: a bug. */
export function assertMayBecome<State extends string>(
  thing: string,
  table: MayBecome<State>,
  from: State,
  to: State,
): void {
  if (!table[from].includes(to)) throw new Error(`a ${thing} that is ${from} became ${to}`);
}
