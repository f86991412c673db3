import type { Want } from '../engine.ts';
import type { EntityShape, Row } from '../entity.ts';
import { encodeArray } from './arrays.ts';
import type { Connection } from './connection.ts';
import { decoder } from './rows.ts';
import { selectWanted } from './statements.ts';

/** Wants of one entity by its key or by the same index: one statement answers them all. */
interface Kind {
  readonly entity: EntityShape;
  readonly names: readonly string[];
  readonly wants: Want[];
  /** Of each want, among all that were given. */
  readonly places: number[];
}

/** A text with a NUL is in no row: PostgreSQL does not even take it in a query. */
const canBeThere = ({ values }: Want): boolean => !values.some(each => typeof each === 'string' && each.includes('\0'));

/** The rows of each want, in its place: one question per kind, all of them sent at once. */
export async function loadWanted(connection: Connection, wants: readonly Want[]): Promise<Row[][]> {
  const answers: Row[][] = wants.map(() => []);
  const requested = connection.together(() => kindsOf(wants).map(kind => ask(connection, kind, answers)));
  await Promise.all(requested);
  return answers;
}

function kindsOf(wants: readonly Want[]): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const [place, want] of wants.entries()) {
    if (!canBeThere(want)) continue;
    const { entity, index } = want;
    const id = `${entity.name} ${index}`;
    let kind = kinds.get(id);
    if (kind === undefined) {
      const names = index === null ? entity.key : entity.indexes[index]!.columns;
      kind = { entity, names, wants: [], places: [] };
      kinds.set(id, kind);
    }
    kind.wants.push(want);
    kind.places.push(place);
  }
  return [...kinds.values()];
}

async function ask(connection: Connection, { entity, names, wants, places }: Kind, answers: Row[][]): Promise<void> {
  const parameters = names.map((name, i) =>
    encodeArray(
      entity.columns[name]!.type,
      wants.map(each => each.values[i]),
      `${entity.name}.${name}`,
    ),
  );
  const rows = await connection.execute(selectWanted(entity, names), parameters);
  const decode = decoder(entity, entity.columnNames, 1);
  for (const values of rows) answers[places[(values[0] as number) - 1]!]!.push(decode(values));
}
