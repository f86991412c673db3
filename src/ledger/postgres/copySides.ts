/** A schema of PostgreSQL that is copied from, and one that is copied to. No server is connected to either meanwhile. */
import {
  CopyError,
  type CopyHead,
  type CopyKey,
  type CopyMark,
  type CopyRow,
  type CopySource,
  type CopyTarget,
  type CopyValue,
  keyOfRow,
  nameRow,
  notEmptySentence,
  PAGE_BYTES,
} from '../copySides.ts';
import { EngineFault } from '../engine.ts';
import type { AnyEntity } from '../entity.ts';
import { table } from '../sqlNames.ts';
import { encodeArray } from './arrays.ts';
import { Connection, type Database } from './connection.ts';
import { MARK_TABLE, readMark } from './copyMark.ts';
import { DatabaseError } from './databaseError.ts';
import { faultOf, isFollowUp, isLockTimeout, messageOf } from './faults.ts';
import { SET_HEAD, selectHead } from './head.ts';
import { placeOf, prepareDatabase, versionOf } from './migrate.ts';
import { presenceArguments } from './names.ts';
import { checkReadable } from './snapshot.ts';
import { insertRows, selectCopied } from './statements.ts';

/** A command that was killed a moment ago may not be gone for the database yet. */
const PRESENCE_WAIT_MS = 2_000;
/** program_limit_exceeded: an entry is too large for an index. */
const TOO_LARGE = '54000';

/** Refuses while a server uses it, and keeps servers away. Throws `DatabaseError`. */
export async function openCopySource(database: Database, entities: readonly AnyEntity[]): Promise<CopySource> {
  await checkReadable(database, entities);
  const connection = await openAlone(database);
  return opened(connection, database, async () => {
    const [row] = await connection.run('SELECT pg_is_in_recovery()');
    if (row![0] === true) {
      // Nothing can be kept from writing to what it follows, and what was written last may not be here yet.
      throw new DatabaseError(`The PostgreSQL database ${placeOf(database)} is a standby: name the primary in --from.`);
    }
    // The first question decides which moment it is.
    await connection.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { head } = await selectHead(connection);
    return new PostgresSide(connection, database, head);
  });
}

/** Creates the tables, or takes an empty schema or an unfinished copy. Throws `CopyError` and `DatabaseError`. */
export async function openCopyTarget(database: Database, entities: readonly AnyEntity[]): Promise<CopyTarget> {
  const connection = await openAlone(database);
  return opened(connection, database, async () => {
    await prepareDatabase(database, entities, { refuse: refuseUsed });
    const { head } = await selectHead(connection);
    const mark = await readMark(connection, database);
    return new PostgresTarget(connection, database, head, { mark, entities });
  });
}

/** What was opened first is closed when the rest fails. */
async function opened<T>(connection: Connection, database: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    connection.destroy();
    if (error instanceof DatabaseError || error instanceof CopyError) throw error;
    throw new DatabaseError(`The PostgreSQL database ${placeOf(database)} cannot be opened: ${messageOf(error)}.`);
  }
}

/** Holds the lock that every server shares for as long as the connection lives. */
async function openAlone(database: Database): Promise<Connection> {
  const place = placeOf(database);
  let connection: Connection;
  try {
    connection = await Connection.open(database, 'copy');
  } catch (error) {
    throw new DatabaseError(
      `The PostgreSQL database ${place} cannot be reached (${messageOf(error)}): check its address, and that the server runs and lets this user in.`,
    );
  }
  return opened(connection, database, async () => {
    try {
      await connection.run(
        `SET lock_timeout = ${PRESENCE_WAIT_MS}; SELECT pg_advisory_lock(${presenceArguments(database.schema)}); RESET lock_timeout`,
      );
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      throw new DatabaseError(
        `The PostgreSQL database ${place} is in use: stop every Aftercall server (and rebuild, and copy) on it for as long as the copying takes.`,
      );
    }
    return connection;
  });
}

/** A ledger is not even migrated. */
async function refuseUsed(connection: Connection, database: Database): Promise<void> {
  if ((await versionOf(connection, database)) === 0 || (await readMark(connection, database)) !== null) return;
  const { head } = await selectHead(connection);
  if (head.now !== 0) throw new CopyError(notEmptySentence(placeOf(database)));
}

class PostgresSide implements CopySource {
  readonly place: string;
  readonly head: CopyHead;
  protected readonly connection: Connection;

  constructor(connection: Connection, database: Database, { position, now, sequences }: CopyHead) {
    this.connection = connection;
    this.place = placeOf(database);
    this.head = { position, now, sequences };
  }

  async count(entity: AnyEntity): Promise<number> {
    const [row] = await this.asking(this.connection.run(`SELECT count(*) FROM ${table(entity)}`));
    return row![0] as number;
  }

  async page(entity: AnyEntity, after: CopyKey | null, rows: number): Promise<CopyRow[]> {
    const sql = selectCopied(entity, after === null ? null : '>', { rows, bytes: PAGE_BYTES });
    const found = (await this.asking(this.connection.execute(sql, after ?? []))) as CopyValue[][];
    for (const row of found) checkNumbers(entity, row);
    return found;
  }

  async find(entity: AnyEntity, key: CopyKey): Promise<CopyRow | null> {
    const sql = selectCopied(entity, '=', { rows: 1, bytes: PAGE_BYTES });
    const [row] = await this.asking(this.connection.execute(sql, key));
    return (row as CopyValue[] | undefined) ?? null;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  protected async asking<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw faultOf(error);
    }
  }
}

interface Found {
  readonly mark: CopyMark | null;
  readonly entities: readonly AnyEntity[];
}

class PostgresTarget extends PostgresSide implements CopyTarget {
  readonly mark: CopyMark | null;
  private readonly entities: readonly AnyEntity[];

  constructor(connection: Connection, database: Database, head: CopyHead, { mark, entities }: Found) {
    super(connection, database, head);
    this.mark = mark;
    this.entities = entities;
  }

  async begin(mark: CopyMark): Promise<void> {
    await this.together(() => [
      this.connection.run(`CREATE TABLE ${MARK_TABLE} (mark text NOT NULL)`),
      this.connection.execute(`INSERT INTO ${MARK_TABLE} (mark) VALUES ($1)`, [JSON.stringify(mark)]),
    ]);
  }

  async add(entity: AnyEntity, rows: readonly CopyRow[], mark: CopyMark): Promise<void> {
    const columns = rows.length === 0 ? [] : columnsOf(entity, rows);
    try {
      await this.together(() => [
        ...(rows.length === 0 ? [] : [this.connection.execute(insertRows(entity), columns)]),
        this.connection.execute(`UPDATE ${MARK_TABLE} SET mark = $1`, [JSON.stringify(mark)]),
      ]);
    } catch (error) {
      throw rows.length === 1 ? explained(entity, rows[0]!, error as EngineFault) : error;
    }
  }

  async empty(): Promise<void> {
    await this.together(() => [
      this.connection.run(`TRUNCATE ${this.entities.map(table).join(', ')}`),
      this.connection.run(`DROP TABLE ${MARK_TABLE}`),
    ]);
  }

  async finish({ position, now, sequences }: CopyHead): Promise<void> {
    // Queries are planned by statistics of the tables, and there are none before the first ANALYZE. Indexes alone answer what is
    // known to be visible to all, which no row is before the first VACUUM.
    for (const entity of this.entities) await this.asking(this.connection.run(`VACUUM (ANALYZE) ${table(entity)}`));
    const { batch } = await this.asking(selectHead(this.connection));
    // A node that has seen the empty tables looks into them again.
    const residents = this.entities.filter(each => each.kind === 'rows' && each.resident);
    const changed = Object.fromEntries(residents.map(({ name }) => [name, batch + 1]));
    await this.together(() => [
      this.connection.execute(SET_HEAD, [batch + 1, position, now, JSON.stringify(sequences), JSON.stringify(changed)]),
      this.connection.run(`DROP TABLE ${MARK_TABLE}`),
    ]);
  }

  /** One transaction, in one round trip. After a refusal the COMMIT is a ROLLBACK. */
  private async together(send: () => Promise<unknown>[]): Promise<void> {
    const { connection } = this;
    const sent = connection.together(() => [connection.run('BEGIN'), ...send(), connection.run('COMMIT')]);
    const answers = await Promise.allSettled(sent);
    const refused = answers.find(each => each.status === 'rejected' && !isFollowUp(each.reason));
    if (refused !== undefined) throw faultOf((refused as PromiseRejectedResult).reason);
  }
}

function columnsOf(entity: AnyEntity, rows: readonly CopyRow[]): Buffer[] {
  return entity.columnNames.map((name, i) => {
    const { type } = entity.columns[name]!;
    return encodeArray(
      // It is the text already.
      type === 'json' ? 'text' : type,
      rows.map(row => row[i]),
      `${entity.name}.${name}`,
    );
  });
}

/** Only sums grow beyond 2^53: elsewhere no ledger has written such a number. */
function checkNumbers(entity: AnyEntity, row: CopyRow): void {
  const wrong = row.findIndex(value => typeof value === 'bigint');
  if (wrong < 0 || entity.kind === 'counter') return;
  const what = `${nameRow(entity.name, keyOfRow(entity, row))} has a ${entity.columnNames[wrong]} beyond 2^53`;
  throw new EngineFault('poison', `reading ${what}`);
}

/** What PostgreSQL does not take of a row, in words that say what to look for. */
function explained({ columnNames }: AnyEntity, row: CopyRow, fault: EngineFault): EngineFault {
  if (fault.kind !== 'poison') return fault;
  const withNul = columnNames.filter((_, i) => typeof row[i] === 'string' && row[i].includes('\0'));
  if (withNul.length > 0) {
    const what = `its ${withNul.join(', ')} has a NUL character, which no text of PostgreSQL can have`;
    return new EngineFault('poison', what, { cause: fault });
  }
  const { code } = (fault.cause ?? {}) as { readonly code?: unknown };
  if (code !== TOO_LARGE) return fault;
  const what = `a text in it is too long for an index of PostgreSQL, which takes some 2,700 bytes (${fault.message})`;
  return new EngineFault('poison', what, { cause: fault });
}
