/**
 * JSON as the ledger keeps it. Every stored value is read here, whichever engine keeps it: one that an older version wrote is brought up
 * to the shape that the rooms know now, step by step, so that they know one shape only.
 */

/** How the values of a column look, which may have looked otherwise before. */
export interface Shape {
  /** For errors: `report.fact`. */
  readonly name: string;
  /** Grows by one with every step. */
  readonly version: number;
  /** The first makes a value of version 2 of one of version 1, and so on. */
  readonly steps: readonly ((older: unknown) => unknown)[];
  /** Present where a value is stored as a list of what it consists of. */
  readonly packing: Packing | null;
}

/** A value as the list that is stored of it, and back. What older versions stored as a list, a step gets as it was stored. */
export interface Packing {
  readonly pack: (value: unknown) => readonly unknown[];
  readonly unpack: (fields: readonly unknown[]) => unknown;
}

/** What is stored cannot be understood by this version. */
export class UnknownShape extends Error {
  override readonly name = 'UnknownShape';
}

/**
 * Version 1 is stored as it is; later ones say which they are: as here, or as the first element of the list where they are packed. No
 * value of version 1 begins like either.
 */
const MARK = '{"$shape":';

export const defineShape = (name: string, ...steps: Shape['steps']): Shape => ({
  name,
  version: steps.length + 1,
  steps,
  packing: null,
});

/** The newest version is stored as a list; there was one before it that was not. */
export const packed = (shape: Shape, packing: Packing): Shape => ({ ...shape, packing });

export function writeJson(value: unknown, shape: Shape | null): string {
  if (shape?.packing) return JSON.stringify([shape.version, ...shape.packing.pack(value)]);
  const text: string | undefined = JSON.stringify(value);
  // What JSON cannot carry is for the engine to refuse.
  if (shape === null || shape.version === 1 || text === undefined) return text as string;
  return `${MARK}${shape.version},"value":${text}}`;
}

/** Throws `UnknownShape` where a newer version wrote it, or none that there was. */
export function readJson(text: string, shape: Shape | null): unknown {
  const read = JSON.parse(text);
  if (shape === null) return read;
  const { packing, version: newest } = shape;
  if (packing !== null && Array.isArray(read)) {
    const [version, ...fields] = read as unknown[];
    return version === newest ? packing.unpack(fields) : bringUp(fields, version, shape);
  }
  if (!text.startsWith(MARK)) return newest === 1 ? read : bringUp(read, 1, shape);
  const { $shape: version, value } = read as { $shape: unknown; value: unknown };
  return version === newest && newest > 1 && packing === null ? value : bringUp(value, version, shape);
}

function bringUp(value: unknown, version: unknown, { name, version: newest, steps }: Shape): unknown {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new UnknownShape(`A stored ${name} has the shape ${JSON.stringify(version)}, which no Aftercall ever wrote.`);
  }
  if (version > newest) {
    throw new UnknownShape(
      `A stored ${name} has shape ${version}, and this Aftercall knows shapes up to ${newest}: run a newer Aftercall.`,
    );
  }
  return steps.slice(version - 1).reduce((older, step) => step(older), value);
}
