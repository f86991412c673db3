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
  /** The fields of a value that are left out of what is stored where they are null; a step meets them left out. */
  readonly nullsOf: ((value: unknown) => Nulls | null) | null;
}

type Nulls = Readonly<Record<string, null>>;

/** What is stored cannot be understood by this version. */
export class UnknownShape extends Error {
  override readonly name = 'UnknownShape';
}

/** Version 1 is stored as it is; later ones say which they are. No value of a column with a shape begins like this itself. */
const MARK = '{"$shape":';

export const defineShape = (name: string, ...steps: Shape['steps']): Shape => ({
  name,
  version: steps.length + 1,
  steps,
  nullsOf: null,
});

/** `nullsOf`: null for a value that is stored with all it has. */
export const withoutNulls = (shape: Shape, nullsOf: NonNullable<Shape['nullsOf']>): Shape => ({ ...shape, nullsOf });

export function writeJson(value: unknown, shape: Shape | null): string {
  const text: string | undefined = JSON.stringify(shape === null ? value : leftOut(value, shape));
  // What JSON cannot carry is for the engine to refuse.
  if (shape === null || shape.version === 1 || text === undefined) return text as string;
  return `${MARK}${shape.version},"value":${text}}`;
}

/** Throws `UnknownShape` where a newer version wrote it, or none that there was. */
export function readJson(text: string, shape: Shape | null): unknown {
  const read = JSON.parse(text);
  return shape === null ? read : filledIn(broughtUp(read, text, shape), shape);
}

function leftOut(value: unknown, { nullsOf }: Shape): unknown {
  const nulls = nullsOf?.(value) ?? null;
  if (nulls === null) return value;
  const from = value as Readonly<Record<string, unknown>>;
  const kept: Record<string, unknown> = {};
  for (const name in from) {
    const field = from[name];
    if (field !== null || nulls[name] !== null) kept[name] = field;
  }
  return kept;
}

function filledIn(value: unknown, { nullsOf }: Shape): unknown {
  const nulls = nullsOf?.(value) ?? null;
  return nulls === null ? value : { ...nulls, ...(value as object) };
}

function broughtUp(read: unknown, text: string, shape: Shape): unknown {
  if (!text.startsWith(MARK)) return shape.version === 1 ? read : bringUp(read, 1, shape);
  const { $shape: version, value } = read as { $shape: unknown; value: unknown };
  return version === shape.version && shape.version > 1 ? value : bringUp(value, version, shape);
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
