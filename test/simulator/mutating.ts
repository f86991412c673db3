/** How a mutant changes part of the house from outside. */
import type { Engine } from '../../src/ledger/engine.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Command, State } from '../../src/ledger/state.ts';

/** What a mutant changes of one node. */
export interface Mutation {
  readonly engine?: (engine: Engine) => void;
  /** Before anything else gets it. */
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
export const mutateCommand = (name: string, seen: (state: State) => Partial<State>): Mutation => ({
  ledger(ledger) {
    const submit = ledger.submit.bind(ledger);
    ledger.submit = <Result>(command: Command<Result>) => {
      if (command.name !== name) return submit(command);
      const apply = (state: State) => command.apply(Object.assign(Object.create(state), seen(state)) as State);
      return submit({ ...command, apply });
    };
  },
});
