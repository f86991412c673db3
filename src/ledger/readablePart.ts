/** Reads what can be read of a ledger whose values some cannot, and says which. */
import type { AnyEntity, Entity, KeyValue, Row } from './entity.ts';
import { mapKey } from './entity.ts';
import { pagesByKey } from './pagesByKey.ts';
import type { Aggregate, AggregateRow, Condition, Reader, Select } from './query.ts';
import { UnreadableValue } from './unreadable.ts';

/** Rows read at a time where every row is looked at. */
const PAGE = 5_000;

export class ReadablePart implements Reader {
  private readonly reader: Reader;
  private readonly onUnreadable: (sentence: string) => void;
  private readonly rows = new Map<string, Map<KeyValue, Row>>();

  /** `onUnreadable` gets a sentence for each row, once, when it is met first. */
  constructor(reader: Reader, onUnreadable: (sentence: string) => void) {
    this.reader = reader;
    this.onUnreadable = onUnreadable;
  }

  /** Answers without the rows of which a value that was asked for cannot be read. */
  async select<R extends object>(query: Select<R>): Promise<R[]> {
    const where: Condition<keyof R & string>[] = [...(query.where ?? [])];
    for (;;) {
      try {
        return await this.reader.select<R>({ ...query, where });
      } catch (error) {
        if (!(error instanceof UnreadableValue) || error.key === null) throw error;
        await this.note(error, error.key);
        const isAnother = error.key.map((value, place) => {
          return { column: query.from.key[place] as keyof R & string, is: '!=', value } as const;
        });
        where.push({ any: isAnother });
      }
    }
  }

  aggregate<R extends object>(query: Aggregate<R>): Promise<AggregateRow[]> {
    return this.reader.aggregate(query);
  }

  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.reader.snapshot(reader => work(new ReadablePart(reader, this.onUnreadable)));
  }

  /** The rows of these that were met and could not be read, with the columns that could. */
  unreadable<R extends object>(from: Entity<R>): readonly Partial<R>[] {
    return [...(this.rows.get(from.name)?.values() ?? [])] as Partial<R>[];
  }

  /** Meets every value of JSON that these keep. */
  async lookAt(entities: readonly AnyEntity[]): Promise<void> {
    for (const entity of entities) {
      const columns = entity.columnNames.filter(
        name => entity.key.includes(name) || entity.columns[name]!.type === 'json',
      );
      if (entity.kind !== 'rows' || columns.length === entity.key.length) continue;
      await this.lookAtRows(entity as Entity<Row>, columns);
    }
  }

  /** Long tables have a number for a key, and are read from one to the next. */
  private async lookAtRows(entity: Entity<Row>, columns: readonly string[]): Promise<void> {
    const [key] = entity.key;
    if (entity.key.length === 1 && entity.columns[key!]!.type === 'integer') {
      for await (const _ of pagesByKey(this, entity, PAGE, [], columns));
      return;
    }
    for (let offset = 0; ; offset += PAGE) {
      const page = await this.select<Row>({ from: entity, columns, offset, limit: PAGE });
      if (page.length < PAGE) return;
    }
  }

  private async note({ entity, columns, message }: UnreadableValue, key: readonly KeyValue[]): Promise<void> {
    const known = this.rows.get(entity.name) ?? new Map<KeyValue, Row>();
    this.rows.set(entity.name, known);
    if (known.has(mapKey(key))) return;
    known.set(mapKey(key), {});
    this.onUnreadable(message);
    const readable = entity.columnNames.filter(
      name => entity.columns[name]!.type !== 'json' && !columns.includes(name),
    );
    const where = key.map((value, place) => ({ column: entity.key[place]!, is: '=', value }) as const);
    const [row] = await this.reader.select<Row>({ from: entity as Entity<Row>, columns: readable, where, limit: 1 });
    known.set(mapKey(key), row ?? {});
  }
}
