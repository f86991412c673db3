/** How something of the house is made wrong from outside. */
import type { Engine } from '../../src/ledger/engine.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Reader, Select } from '../../src/ledger/query.ts';
import type { Command, State } from '../../src/ledger/state.ts';

/** What a bug makes of one node. */
export interface Spoiled {
  readonly engine?: (engine: Engine) => void;
  /** Before anybody is given it. */
  readonly ledger?: (ledger: Ledger) => void;
}

/** A method of a class is another one for a while. */
export function patched<K extends string>(owner: object, name: K, make: (before: Method) => Method): () => void {
  const holder = owner as Record<K, Method>;
  const before = holder[name];
  holder[name] = make(before);
  return () => {
    holder[name] = before;
  };
}
// biome-ignore lint/suspicious/noExplicitAny: methods of any class, private ones included
type Method = (this: any, ...given: any[]) => any;

/** A value that others hold by its owner is another one for a while. */
export function replaced<T extends object, K extends keyof T>(owner: T, name: K, value: T[K]): () => void {
  const before = owner[name];
  owner[name] = value;
  return () => {
    owner[name] = before;
  };
}

export const all =
  (...undo: readonly (() => void)[]) =>
  () => {
    for (const each of undo) each();
  };

/** Commands of this name see another state. */
export const spoilCommand = (name: string, seen: (state: State) => Partial<State>): Spoiled => ({
  ledger(ledger) {
    const submit = ledger.submit.bind(ledger);
    ledger.submit = <Result>(command: Command<Result>) => {
      if (command.name !== name) return submit(command);
      const apply = (state: State) => command.apply(Object.assign(Object.create(state), seen(state)) as State);
      return submit({ ...command, apply });
    };
  },
});

/** Rows of an entity, as questions are answered. */
export const spoilReads = (
  entity: string,
  seen: (rows: readonly Record<string, unknown>[], query: Select<object>) => readonly object[],
): Spoiled => ({
  ledger(ledger) {
    const spoil = (reader: Reader): Reader => ({
      ...reader,
      select: (async (query: Select<object>) => {
        const rows = await reader.select(query);
        return query.from.name === entity ? seen(rows as Record<string, unknown>[], query) : rows;
      }) as Reader['select'],
    });
    Object.assign(ledger, { reader: spoil(ledger.reader), workReader: spoil(ledger.workReader) });
  },
});
