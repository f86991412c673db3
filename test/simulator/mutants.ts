/**
 * Mutants: bugs that a programmer could write, put into the house from outside. Production code has no switch for them. A
 * simulator that does not find them is not believed (ARCHITECTURE.md, section 4).
 */
import { callsContext } from '../../src/app/reactors.ts';
import { type Report, report, settlingLine } from '../../src/calls/entities.ts';
import { confirmOutboxEntries } from '../../src/campaigns/agentOutbox.ts';
import { AgentOutbox } from '../../src/dialects/genesys/agentOutbox.ts';
import { BatchState } from '../../src/ledger/batch.ts';
import type { ChangeSet, Engine } from '../../src/ledger/engine.ts';
import { type JournalRow, journal } from '../../src/ledger/journal.ts';
import { JournalFeed } from '../../src/ledger/journalFeed.ts';
import { ALONE, type Lease } from '../../src/ledger/lease.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerClock } from '../../src/ledger/ledgerClock.ts';
import { SharedMemory, type Transaction } from '../../src/ledger/memory/testing/sharedMemory.ts';
import { SharedMemoryEngine } from '../../src/ledger/memory/testing/sharedMemoryEngine.ts';
import type { Standing } from '../../src/ledger/standing.ts';
import type { Command, State } from '../../src/ledger/state.ts';
import { Membership } from '../../src/nodes/membership.ts';
import { portalCall } from '../../src/portal/entities.ts';
import { fetchJob } from '../../src/recordings/entities.ts';
import { contribute } from '../../src/statistics/onCall.ts';
import { all, type Mutation, mutateCommand, patched, replaced } from './mutating.ts';
import { START } from './world.ts';

export interface Mutant {
  readonly name: string;
  readonly what: string;
  /** A seed that found it when it was last looked for, where that took long: it is tried first. */
  readonly firstSeed?: number;
  /** For a node that has just begun; `now` is what its clock says. */
  readonly mutate?: (now: number) => Mutation;
  /** For all of them, while the simulation runs; what takes it back. */
  readonly patch?: () => () => void;
}

const entriesOf = ({ rows }: ChangeSet): readonly JournalRow[] =>
  (rows.find(each => each.entity.name === journal.name)?.inserts ?? []) as unknown as JournalRow[];

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'answer before commit',
    what: 'a batch is answered as soon as it is handed to the store',
    mutate: () => ({
      engine(engine) {
        const commit = engine.commit.bind(engine);
        engine.commit = async changes => void commit(changes).catch(() => {});
      },
    }),
  },
  {
    name: 'full disk ignored',
    what: 'a batch that found no room is taken for stored',
    mutate: () => ({
      engine(engine) {
        const commit = engine.commit.bind(engine);
        engine.commit = changes =>
          commit(changes).catch(fault => {
            if (fault.kind !== 'full') throw fault;
          });
      },
    }),
  },
  {
    name: 'skipped undo',
    what: 'what a command added to the sums stays when the command is taken back',
    patch: () =>
      patched(
        BatchState.prototype,
        'add',
        add =>
          function (...given) {
            add.apply(this, given);
            this.undoing.pop();
          },
      ),
  },
  {
    name: 'share added twice',
    what: 'a call that is joined from several reporters is counted once more',
    patch: () =>
      replaced(callsContext, 'reactors', [
        ...callsContext.reactors,
        (state, { before, after, participants, visits }) => {
          if (before !== null && after?.sourceCalls != null && before.sourceCalls === null && after.endedAt !== null) {
            contribute(state, after, { participants: participants.after, visits: visits.after }, 1);
          }
        },
      ]),
  },
  {
    name: 'cursor ahead',
    what: 'an event stream that is handed several entries at once passes over the first',
    patch: () =>
      patched(
        JournalFeed.prototype,
        'next',
        next =>
          async function (this: JournalFeed) {
            const entries = await next.call(this);
            return entries.length > 2 ? entries.slice(1) : entries;
          },
      ),
  },
  {
    name: 'repeat not recognised',
    what: 'a report is known again for a second and a half only',
    patch: () =>
      patched(
        BatchState.prototype,
        'find',
        find =>
          function (entity, index, ...values) {
            const rows = find.call(this, entity, index, ...values);
            if (entity !== report || index !== 'bySourceCall') return rows;
            return rows.filter((each: Report) => each.receivedAt > this.now - 1_500);
          },
      ),
  },
  {
    name: 'published before durable',
    what: 'entries are published when the batch is handed over',
    mutate: () => {
      let ledger: Ledger | null = null;
      return {
        engine(engine) {
          const commit = engine.commit.bind(engine);
          engine.commit = changes => {
            const entries = entriesOf(changes);
            const publishing = ledger as unknown as { standing: Standing } | null;
            if (entries.length > 0) publishing?.standing.publisher.advance(entries, changes.head.position);
            return commit(changes);
          };
        },
        ledger(opened) {
          ledger = opened;
        },
      };
    },
  },
  {
    name: 'no polling',
    what: 'a node learns of others by notifications only, and these can be lost',
    patch: () =>
      patched(
        SharedMemoryEngine.prototype,
        'watch',
        () =>
          function (onNews) {
            this.store.listen(this.nodeId, () => this.wire.notify(onNews));
          },
      ),
  },
  {
    name: 'line ahead of a call',
    what: 'the line moves ten seconds further than time has passed, over calls that still wait',
    mutate: () =>
      mutateCommand('settle calls', state => ({
        now: state.now + 10_000,
        journal: state.journal.bind(state),
      })),
  },
  {
    name: 'line not moved by a new process',
    what: 'a new process moves the line from where its own time began, and passes over what was due before',
    mutate: now =>
      mutateCommand('settle calls', state => ({
        get: ((entity: typeof settlingLine, id: number) => {
          const row = state.get(entity, id);
          return entity === settlingLine && row !== undefined ? { ...row, at: Math.max(row.at, now) } : row;
        }) as State['get'],
      })),
  },
  {
    name: 'confirmed too early',
    what: 'an acknowledgement counts as confirmed when it is handed over for delivery',
    mutate: () => ({
      ledger(ledger) {
        const submit = ledger.submit.bind(ledger);
        ledger.submit = async <Result>(command: Command<Result>) => {
          const result = await submit(command);
          const { id, messages } = (result ?? {}) as { id?: number; messages?: unknown };
          if (messages !== undefined && id !== undefined) submit(confirmOutboxEntries([id])).catch(() => {});
          return result;
        };
      },
    }),
  },
  {
    name: 'outbox not restored',
    what: 'a new process forgets what desktops have not confirmed',
    patch: () => patched(AgentOutbox.prototype, 'restore', () => () => {}),
  },
  {
    name: 'second finish accepted',
    what: 'a call that is finished already can be finished again',
    mutate: () =>
      mutateCommand('finish call', state => ({
        get: ((entity: typeof portalCall, id: number) => {
          const row = state.get(entity, id);
          if (entity !== portalCall || row === undefined || row.webhookId === null) return row;
          return { ...row, open: row.open ?? { ...row, made: [], shownTo: [], client: null } };
        }) as State['get'],
      })),
  },
  {
    name: 'recording attached twice',
    what: 'the outcome of a fetch counts although another worker has brought one',
    mutate: () =>
      mutateCommand('end an attempt to fetch a recording', state => ({
        get: ((entity: typeof fetchJob, id: number) => {
          const row = state.get(entity, id);
          return entity !== fetchJob || row === undefined ? row : { ...row, state: 'waiting', attempts: 0 };
        }) as State['get'],
      })),
  },
  {
    name: 'residents not taken in',
    what: 'a node does not look for what another one has changed of the rows that it keeps in memory',
    mutate: () => ({
      engine(engine) {
        const { shared } = engine;
        if (shared === undefined) return;
        let isFirst = true;
        Object.assign(engine, {
          shared: {
            watch: shared.watch,
            look: async () => ({ ...(await shared.look()), residents: [] }),
            changedResidents: async () => {
              const changed = await shared.changedResidents();
              const taken = isFirst ? changed : [];
              isFirst = false;
              return taken;
            },
          },
        });
      },
    }),
  },
  {
    name: 'lost answer taken for success',
    what: 'a commit whose answer is lost is taken for stored',
    patch: () => patched(SharedMemoryEngine.prototype, 'isStored', () => async () => true),
  },
  {
    name: 'stopped node goes on',
    what: 'a transaction that the store has ended is committed all the same',
    firstSeed: 52,
    patch: () =>
      all(
        patched(
          SharedMemory.prototype,
          'end',
          end =>
            function (transaction: Transaction) {
              const { hasEnded } = transaction;
              end.call(this, transaction);
              transaction.hasEnded = hasEnded;
            },
        ),
        storeWithoutLock(),
      ),
  },
  {
    name: 'no lock',
    what: 'two nodes run batches at the same time',
    patch: () =>
      all(
        patched(SharedMemory.prototype, 'lock', () => async () => {}),
        storeWithoutLock(),
      ),
  },
  {
    name: 'failed batch built upon',
    what: 'a batch is stored although the one it was applied on top of was not',
    firstSeed: 55,
    mutate: () => ({
      engine(engine) {
        if (engine.soleWriter === undefined) return;
        const inner = (engine as unknown as { engine: Engine & { durable: number } }).engine;
        const commit = inner.commit.bind(inner);
        inner.commit = changes => commit({ ...changes, after: inner.durable });
      },
    }),
  },
  {
    name: 'no fence',
    what: 'a command of a worker that has lost its lease is applied all the same',
    firstSeed: 118,
    patch: () =>
      patched(
        Membership.prototype,
        'lease',
        lease =>
          function (work) {
            const { acquire } = lease.call(this, work) as Lease;
            return { acquire: () => (acquire() === null ? null : ALONE.acquire()) };
          },
      ),
  },
  {
    name: 'clock ten minutes ahead',
    what: 'one of several nodes takes the clock of its machine, which is ten minutes ahead, for the ledger’s time',
    mutate(now) {
      let isOneOfSeveral = false;
      return {
        engine({ shared }) {
          isOneOfSeveral = shared !== undefined;
        },
        ledger(ledger) {
          // A machine that has been started again in the middle of things.
          if (!isOneOfSeveral || now <= START) return;
          const { clock } = ledger as unknown as { clock: LedgerClock };
          Object.assign(clock, { now: () => Date.now() + TEN_MINUTES_MS });
        },
      };
    },
  },
];

const TEN_MINUTES_MS = 600_000;

const storeWithoutLock = () =>
  patched(
    SharedMemory.prototype,
    'store',
    store =>
      function (transaction: Transaction, changes: ChangeSet) {
        const { running } = this;
        this.running = transaction;
        try {
          return store.call(this, transaction, changes);
        } finally {
          this.running = running;
        }
      },
  );
