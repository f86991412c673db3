/**
 * Random commands, submitted in random company, against a model of a dozen lines: every answer and every row must be
 * what comes out when the commands are run one after another.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createScratch } from '../../test/kit/scratch.ts';
import type { ChangeSet, Engine } from './engine.ts';
import {
  type Counter,
  defineCounter,
  defineEntity,
  type EntityRow,
  integer,
  json,
  nullable,
  numbered,
  text,
} from './entity.ts';
import { defineEvent, whole } from './event.ts';
import { type JournalRow, journal } from './journal.ts';
import type { DiskBehaviour } from './memory/memoryEngine.ts';
import { StorageUnavailable } from './refusals.ts';
import { Refusal, type State, type Wants } from './state.ts';
import { command, TestLedger } from './testing/testLedger.ts';
import { memoryStore, postgresStore, type Store, sharedMemoryStore, sqliteStore } from './testing/testStores.ts';

/** Runs of one property share a store and keep apart by their number. */
const thing = defineEntity({
  name: 'randomThing',
  columns: {
    run: integer(),
    id: integer(),
    group: text(),
    owner: nullable(integer()),
    label: nullable(text()),
    data: nullable(json<number>()),
  },
  key: ['run', 'id'],
  indexes: {
    byGroup: { columns: ['run', 'group'] },
    byOwner: { columns: ['owner', 'run'], sparse: true },
    byLabel: { columns: ['run', 'label'], unique: true },
  },
});
type Thing = EntityRow<typeof thing>;

const person = defineEntity({
  name: 'randomPerson',
  columns: { run: integer(), id: integer(), team: nullable(integer()) },
  key: ['run', 'id'],
  indexes: { byTeam: { columns: ['run', 'team'] } },
  resident: true,
});
type Person = EntityRow<typeof person>;

/** Its pages are found by a number that a command takes: under one that is not taken yet there is nothing. */
const page = defineEntity({
  name: 'randomPage',
  columns: { book: numbered('book'), number: integer(), words: text() },
  key: ['book', 'number'],
  indexes: { byBook: { columns: ['book'] } },
});
type Page = EntityRow<typeof page>;

const count = defineCounter({ name: 'randomCount', key: { run: integer(), label: text() }, sums: ['n', 'm'] });

const ENTITIES = [thing, person, page, count];

const saidInRun = (kind: string) =>
  defineEvent({
    kind,
    call: 'never',
    description: 'Something was said in a run.',
    data: { run: whole('The run.') },
    example: { run: 1 },
  });

type Fields = Pick<Thing, 'group' | 'owner' | 'data'>;

type Step =
  | { readonly do: 'take'; readonly fields: Fields }
  | { readonly do: 'put'; readonly id: number; readonly fields: Fields }
  | { readonly do: 'change'; readonly id: number; readonly fields: Partial<Fields> }
  | { readonly do: 'delete'; readonly id: number }
  | { readonly do: 'get'; readonly id: number }
  | { readonly do: 'byGroup'; readonly value: string }
  | { readonly do: 'byOwner'; readonly value: number }
  | { readonly do: 'hire'; readonly id: number; readonly team: number | null }
  | { readonly do: 'dismiss'; readonly id: number }
  | { readonly do: 'team'; readonly value: number }
  | { readonly do: 'everybody' }
  | { readonly do: 'add'; readonly label: string; readonly n: number; readonly m: number }
  | { readonly do: 'next' }
  /** Books are numbered from 1 within a run, and may be those that another command is yet to begin. */
  | { readonly do: 'begin'; readonly words: string }
  | { readonly do: 'write'; readonly book: number; readonly number: number; readonly words: string }
  | { readonly do: 'tear'; readonly book: number; readonly number: number }
  | { readonly do: 'page'; readonly book: number; readonly number: number }
  | { readonly do: 'book'; readonly book: number }
  | { readonly do: 'say'; readonly kind: string };

/** `empty` and `taken` cannot be stored. */
type End = 'well' | 'refused' | 'bug' | 'empty' | 'taken';

interface Task {
  readonly steps: readonly Step[];
  readonly end: End;
  /** Whether it says beforehand what it will read. */
  readonly declares: boolean;
}

/** Submitted at once; then everything is awaited, a turn of the loop is, or nothing. */
interface Group {
  readonly tasks: readonly Task[];
  readonly pause: 'answers' | 'turn' | 'nothing';
}

const groups = fc.constantFrom('', 'a', 'b', '\uffff', '\u{1f600}');
const owners = fc.option(fc.integer({ min: 1, max: 2 }), { freq: 2 });
const fields = fc.record({ group: groups, owner: owners, data: fc.option(fc.integer({ min: 0, max: 3 })) });
const ids = fc.integer({ min: 101, max: 106 });
const small = fc.integer({ min: -2, max: 2 });
const books = fc.integer({ min: 1, max: 5 });
const pages = fc.integer({ min: 1, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('begin' as const), words: groups }),
  fc.record({ do: fc.constant('write' as const), book: books, number: pages, words: groups }),
  fc.record({ do: fc.constant('tear' as const), book: books, number: pages }),
  fc.record({ do: fc.constant('page' as const), book: books, number: pages }),
  fc.record({ do: fc.constant('book' as const), book: books }),
  fc.record({ do: fc.constant('take' as const), fields }),
  fc.record({ do: fc.constant('put' as const), id: ids, fields }),
  fc.record({
    do: fc.constant('change' as const),
    id: ids,
    fields: fc.record({ group: groups, owner: owners }, { requiredKeys: [] }),
  }),
  fc.record({ do: fc.constant('delete' as const), id: ids }),
  fc.record({ do: fc.constant('get' as const), id: ids }),
  fc.record({ do: fc.constant('byGroup' as const), value: groups }),
  fc.record({ do: fc.constant('byOwner' as const), value: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ do: fc.constant('hire' as const), id: fc.integer({ min: 1, max: 3 }), team: owners }),
  fc.record({ do: fc.constant('dismiss' as const), id: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('team' as const), value: fc.integer({ min: 1, max: 2 }) }),
  fc.constant({ do: 'everybody' as const }),
  fc.record({ do: fc.constant('add' as const), label: fc.constantFrom('a', 'b'), n: small, m: small }),
  fc.constant({ do: 'next' as const }),
  fc.record({ do: fc.constant('say' as const), kind: fc.constantFrom('a.said', 'b.said') }),
);
const task: fc.Arbitrary<Task> = fc.record({
  steps: fc.array(step, { maxLength: 6 }),
  end: fc.oneof(
    { weight: 8, arbitrary: fc.constant('well' as const) },
    { weight: 1, arbitrary: fc.constantFrom('refused' as const, 'bug' as const) },
    { weight: 1, arbitrary: fc.constantFrom('empty' as const, 'taken' as const) },
  ),
  declares: fc.boolean(),
});
const scenario: fc.Arbitrary<Group[]> = fc.array(
  fc.record({
    tasks: fc.array(task, { minLength: 1, maxLength: 8 }),
    pause: fc.constantFrom('answers' as const, 'turn' as const, 'nothing' as const),
  }),
  { minLength: 1, maxLength: 6 },
);

/** What the ledger should be: rows by id, and nothing else. */
class Model {
  things = new Map<number, Thing>();
  people = new Map<number, Person>();
  counts = new Map<string, { n: number; m: number }>();
  said: string[] = [];
  next = 0;
  /** By book and number. */
  pages = new Map<string, Page>();
  begun = 0;
  readonly run: number;
  /** The last number of a book before this run. */
  readonly books: number;

  constructor(run: number, books: number) {
    this.run = run;
    this.books = books;
    this.things.set(0, takenBy(run));
  }

  /** What the task reads. Leaves no trace unless it ends well. */
  apply({ steps, end }: Task): unknown[] {
    const before = { ...this };
    this.things = new Map(this.things);
    this.people = new Map(this.people);
    this.counts = new Map(this.counts);
    this.pages = new Map(this.pages);
    this.said = [...this.said];
    const reads = steps.map(each => this.step(each));
    if (end !== 'well') Object.assign(this, before);
    return reads;
  }

  private step(each: Step): unknown {
    const { run, things, people } = this;
    const sorted = <R extends { id: number }>(rows: Iterable<R>, keep: (row: R) => boolean) =>
      [...rows].filter(keep).sort((a, b) => a.id - b.id);
    if (each.do === 'next') return ++this.next;
    if (each.do === 'take') {
      const id = ++this.next;
      things.set(id, { run, id, label: null, ...each.fields });
      return id;
    }
    if (each.do === 'begin') return [++this.begun, [], undefined, this.write(this.begun, 1, each.words)];
    if (each.do === 'write' && this.wordsIn(each.book).length > 0) {
      return this.write(each.book, each.number, each.words);
    }
    if (each.do === 'tear') this.pages.delete(`${each.book} ${each.number}`);
    if (each.do === 'page') return this.pages.get(`${each.book} ${each.number}`)?.words;
    if (each.do === 'book') return this.wordsIn(each.book);
    if (each.do === 'put') things.set(each.id, { run, id: each.id, label: `label ${each.id}`, ...each.fields });
    if (each.do === 'change') {
      const present = things.get(each.id);
      if (present !== undefined) things.set(each.id, { ...present, ...each.fields });
    }
    if (each.do === 'delete') things.delete(each.id);
    if (each.do === 'get') return things.get(each.id);
    if (each.do === 'byGroup') return sorted(things.values(), row => row.group === each.value);
    if (each.do === 'byOwner') return sorted(things.values(), row => row.owner === each.value);
    if (each.do === 'hire') people.set(each.id, { run, id: each.id, team: each.team });
    if (each.do === 'dismiss') people.delete(each.id);
    if (each.do === 'team') return sorted(people.values(), row => row.team === each.value);
    if (each.do === 'everybody') return sorted(people.values(), () => true);
    if (each.do === 'add') {
      const { n, m } = this.counts.get(each.label) ?? { n: 0, m: 0 };
      this.counts.set(each.label, { n: n + each.n, m: m + each.m });
    }
    if (each.do === 'say') this.said.push(each.kind);
    return undefined;
  }

  private write(book: number, number: number, words: string): unknown {
    this.pages.set(`${book} ${number}`, { book: this.books + book, number, words });
    return this.wordsIn(book);
  }

  private wordsIn(book: number): string[] {
    const of = [...this.pages.values()].filter(each => each.book === this.books + book);
    return of.sort((a, b) => a.number - b.number).map(each => each.words);
  }
}

const takenBy = (run: number): Thing => ({ run, id: 0, group: 'first', owner: null, label: 'taken', data: null });

class Refused extends Refusal {
  readonly reads: readonly unknown[];
  constructor(reads: readonly unknown[]) {
    super('refused');
    this.reads = reads;
  }
}

/** A run, and the last number of a book before it. */
interface Run {
  readonly run: number;
  readonly books: number;
}

/** The same task as a command. */
function apply(state: State, { run, books }: Run, { steps, end }: Task): unknown[] {
  const reads = steps.map(each => applyPageStep(state, books, each) ?? applyStep(state, run, each));
  if (end === 'refused') throw new Refused(reads);
  if (end === 'bug') throw new TypeError('a bug');
  if (end === 'empty') state.insert(thing, { ...takenBy(run), id: -1, label: null, group: null as never });
  if (end === 'taken') state.insert(thing, { ...takenBy(run), id: -2 });
  return reads;
}

function applyStep(state: State, run: number, each: Step): unknown {
  if (each.do === 'next') return state.next(`thing ${run}`);
  if (each.do === 'take') {
    const id = state.next(`thing ${run}`);
    state.insert(thing, { run, id, label: null, ...each.fields });
    return id;
  }
  if (each.do === 'put') state.put(thing, { run, id: each.id, label: `label ${each.id}`, ...each.fields });
  if (each.do === 'change') {
    const present = state.get(thing, run, each.id);
    if (present !== undefined) state.put(thing, { ...present, ...each.fields });
  }
  if (each.do === 'delete') state.delete(thing, run, each.id);
  if (each.do === 'get') return state.get(thing, run, each.id);
  if (each.do === 'byGroup') return state.find(thing, 'byGroup', run, each.value);
  if (each.do === 'byOwner') return state.find(thing, 'byOwner', each.value, run);
  if (each.do === 'hire') state.put(person, { run, id: each.id, team: each.team });
  if (each.do === 'dismiss') state.delete(person, run, each.id);
  if (each.do === 'team') return state.find(person, 'byTeam', run, each.value);
  if (each.do === 'everybody') return state.all(person).filter(row => row.run === run);
  if (each.do === 'add') state.add(count, { run, label: each.label }, { n: each.n, m: each.m });
  if (each.do === 'say') state.journal(saidInRun(each.kind), { run });
  return undefined;
}

const wordsIn = (state: Pick<State, 'find'>, book: number): string[] =>
  state.find(page, 'byBook', book).map(each => each.words);

function applyPageStep(state: State, books: number, each: Step): unknown {
  const write = (book: number, number: number, words: string) => {
    state.put(page, { book, number, words });
    return wordsIn(state, book);
  };
  if (each.do === 'begin') {
    const book = state.next('book');
    return [book - books, wordsIn(state, book), state.get(page, book, 1), write(book, 1, each.words)];
  }
  if (!('book' in each)) return undefined;
  const book = books + each.book;
  if (each.do === 'page') return state.get(page, book, each.number)?.words;
  if (each.do === 'tear') state.delete(page, book, each.number);
  if (each.do === 'book') return wordsIn(state, book);
  if (each.do === 'write' && wordsIn(state, book).length > 0) return write(book, each.number, each.words);
  return undefined;
}

function declare(wants: Wants, { run, books }: Run, steps: readonly Step[]): void {
  for (const each of steps) {
    if (each.do === 'page' || each.do === 'tear') wants.get(page, books + each.book, each.number);
    // What is found leads to what is read next.
    if (each.do === 'book')
      for (const { number } of wants.find(page, 'byBook', books + each.book))
        wants.get(page, books + each.book, number);
    if (each.do === 'put' || each.do === 'change' || each.do === 'delete' || each.do === 'get') {
      wants.get(thing, run, each.id);
    }
    if (each.do === 'byGroup') wants.find(thing, 'byGroup', run, each.value);
    if (each.do === 'byOwner') wants.find(thing, 'byOwner', each.value, run);
  }
}

interface Answered {
  readonly task: Task;
  /** When it was run last: that run is the one that counts. */
  order: number;
  outcome: PromiseSettledResult<unknown[]>;
}

const turn = () => new Promise(resolve => setImmediate(resolve));

/** Submits everything and returns what became of it, in the order in which it was run. */
async function submitAll(on: TestLedger, run: Run, script: readonly Group[], pass: () => void): Promise<Answered[]> {
  const all: Answered[] = [];
  const answers: Promise<unknown>[] = [];
  let runs = 0;
  for (const { tasks, pause } of script) {
    for (const each of tasks) {
      const answered: Answered = { task: each, order: 0, outcome: { status: 'rejected', reason: undefined } };
      const work = command(
        state => {
          answered.order = ++runs;
          return apply(state, run, each);
        },
        each.declares ? wants => declare(wants, run, each.steps) : undefined,
      );
      const answer = on.ledger.submit(work).then(
        value => {
          answered.outcome = { status: 'fulfilled', value };
        },
        reason => {
          answered.outcome = { status: 'rejected', reason };
        },
      );
      all.push(answered);
      answers.push(answer);
    }
    if (pause === 'answers') await Promise.all(answers);
    if (pause === 'turn') await turn();
    pass();
  }
  await Promise.all(answers);
  return all.sort((a, b) => a.order - b.order);
}

/** What was told must be what the model says; returns nothing that could not be stored for want of room. */
function checkAnswers(answered: readonly Answered[], model: Model): void {
  for (const { task: each, outcome } of answered) {
    if (outcome.status === 'rejected' && outcome.reason instanceof StorageUnavailable) continue;
    const reads = model.apply(each);
    if (outcome.status === 'fulfilled') {
      assert.equal(each.end, 'well');
      assert.deepEqual(outcome.value, reads);
    } else if (outcome.reason instanceof Refused) {
      assert.equal(each.end, 'refused');
      assert.deepEqual(outcome.reason.reads, reads);
    } else {
      const names: Partial<Record<End, string>> = { bug: 'TypeError', empty: 'CommandFailed', taken: 'CommandFailed' };
      assert.equal((outcome.reason as Error).name, names[each.end], String(outcome.reason));
    }
  }
}

async function checkStore(on: TestLedger, run: number, model: Model, position: number): Promise<void> {
  const { reader, directory } = on.ledger;
  const mine = [{ column: 'run', is: '=', value: run } as const];
  const byId = (a: { id: number }, b: { id: number }) => a.id - b.id;
  assert.deepEqual(
    await reader.select<Thing>({ from: thing, where: mine, limit: 1_000 }),
    [...model.things.values()].sort(byId),
  );
  const people = [...model.people.values()].sort(byId);
  assert.deepEqual(await reader.select<Person>({ from: person, where: mine, limit: 1_000 }), people);
  const present = directory.all(person).filter(row => row.run === run);
  assert.deepEqual([...present].sort(byId), people);
  const sums = await reader.aggregate({
    from: count as Counter<{ run: number; label: string }, string>,
    where: mine,
    groupBy: ['label'],
    sum: ['n', 'm'],
  });
  const expected = [...model.counts].filter(([, { n, m }]) => n !== 0 || m !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(
    sums,
    expected.map(([label, { n, m }]) => ({ label, count: 1, n, m })),
  );
  const entries = await reader.select<JournalRow>({
    from: journal,
    where: [{ column: 'position', is: '>', value: position }],
    limit: 1_000,
  });
  assert.deepEqual(
    entries.map(row => [row.position, row.kind]),
    model.said.map((kind, place) => [position + place + 1, kind]),
  );
  assert.deepEqual(on.told.slice(-entries.length || on.told.length), entries);
  const written = await reader.select<Page>({
    from: page,
    where: [{ column: 'book', is: '>', value: model.books }],
    limit: 1_000,
  });
  const byPlace = (a: Page, b: Page) => a.book - b.book || a.number - b.number;
  assert.deepEqual(written, [...model.pages.values()].sort(byPlace));
}

/** Writes a little later than it is told to, and says so a little later still. */
function tardy(inner: Engine, turnsAt: () => number): Engine {
  let before: Promise<unknown> = Promise.resolve();
  const wait = async () => {
    for (let turns = turnsAt(); turns > 0; turns--) await turn();
  };
  const commit = (changes: ChangeSet): Promise<void> => {
    const stored = before.then(wait).then(() => inner.commit(changes));
    const answered = stored.finally(wait);
    before = answered.catch(() => {});
    return answered;
  };
  return Object.assign(Object.create(inner) as Engine, {
    commit,
    begin: () => inner.begin(),
    load: inner.load.bind(inner),
    abandon: () => inner.abandon(),
    close: () => inner.close(),
  });
}

interface Subject {
  readonly name: string;
  readonly runs: number;
  readonly batchCommands?: number;
  readonly tardy: boolean;
  make(disk: () => DiskBehaviour): Store | Promise<Store>;
}

const near = (disk: () => DiskBehaviour) => memoryStore(ENTITIES, { disk });
const far = (disk: () => DiskBehaviour) => memoryStore(ENTITIES, { disk, readsOnTheSpot: false });
const shared = (disk: () => DiskBehaviour) =>
  sharedMemoryStore(ENTITIES, () => {
    const behaves = disk();
    return behaves === 'failedSync' ? 'cut' : behaves;
  });
const sqlite = () => sqliteStore(ENTITIES, createScratch('random').path);

const postgres = () => postgresStore(ENTITIES);

const SUBJECTS: readonly Subject[] = [
  { name: 'memory', runs: 150, tardy: true, make: near },
  { name: 'memory, one command per batch', runs: 50, tardy: true, batchCommands: 1, make: near },
  { name: 'memory, small batches', runs: 100, tardy: true, batchCommands: 3, make: near },
  { name: 'memory, far away', runs: 100, tardy: false, make: far },
  { name: 'memory, far away, one command per batch', runs: 30, tardy: false, batchCommands: 1, make: far },
  { name: 'memory, shared', runs: 100, tardy: false, make: shared },
  { name: 'memory, shared, small batches', runs: 50, tardy: false, batchCommands: 3, make: shared },
  { name: 'SQLite', runs: 50, tardy: false, make: sqlite },
  { name: 'SQLite, small batches, slowly', runs: 40, tardy: true, batchCommands: 3, make: sqlite },
  { name: 'SQLite, one command per batch', runs: 15, tardy: false, batchCommands: 1, make: sqlite },
  { name: 'PostgreSQL', runs: 40, tardy: false, make: postgres },
  { name: 'PostgreSQL, small batches', runs: 25, tardy: false, batchCommands: 3, make: postgres },
  { name: 'PostgreSQL, one command per batch', runs: 10, tardy: false, batchCommands: 1, make: postgres },
];

for (const subject of SUBJECTS) {
  test(`random commands on ${subject.name} - answer and store what one after another would`, async t => {
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    let lateness: readonly number[] = [];
    let disk: readonly DiskBehaviour[] = [];
    let commits = 0;
    const store = await subject.make(() => disk[commits++] ?? 'works');
    const on = await TestLedger.open(store, {
      wrap: engine => (subject.tardy ? tardy(engine, () => lateness[commits++ % lateness.length] ?? 0) : engine),
      ...(subject.batchCommands === undefined ? {} : { batchCommands: subject.batchCommands }),
    });
    let closed = false;
    t.after(() => (closed ? undefined : on.engine.close()));
    let run = 0;
    const behaviour = fc.oneof(
      { weight: 8, arbitrary: fc.constant('works' as const) },
      { weight: 1, arbitrary: fc.constantFrom('full' as const, 'lostAnswer' as const) },
    );
    const property = fc.asyncProperty(
      scenario,
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }),
      fc.array(behaviour, { maxLength: 12 }),
      async (script, turns, behaviours) => {
        run++;
        const mine = run;
        lateness = turns;
        disk = [];
        const books = await on.submit(state => {
          state.insert(thing, takenBy(mine));
          return state.next('book');
        });
        const { position } = on.ledger;
        commits = 0;
        disk = behaviours;
        const model = new Model(mine, books);
        const answered = await submitAll(on, { run: mine, books }, script, () => {
          // Beyond the moment in which nobody tries after a full disk.
          now += 250;
          on.time.now++;
        });
        disk = [];
        checkAnswers(answered, model);
        await checkStore(on, mine, model, position);
        now += 250;
        assert.equal(await on.submit(state => state.next(`thing ${mine}`)), model.next + 1);
      },
    );
    await fc.assert(property, { numRuns: subject.runs });
    await on.reopen();
    assert.deepEqual(on.fatal, []);
    await on.close();
    closed = true;
  });
}
