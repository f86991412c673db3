/**
 * Any order, repetition and batching of the same reports gives the same calls, and the statistics add up afterwards
 * (design section 2).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { acceptReport } from '../src/calls/accept.ts';
import { correctCall, retractCorrection } from '../src/calls/corrections.ts';
import { type Call, call, report, source } from '../src/calls/entities.ts';
import type { IncomingReport, LegFact, LegStatus, StatedCall } from '../src/calls/report.ts';
import type { Engine } from '../src/ledger/engine.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { MemoryEngine } from '../src/ledger/memory/memoryEngine.ts';
import { SqliteEngine } from '../src/ledger/sqlite/sqliteEngine.ts';
import { extension } from '../src/people/entities.ts';
import { entities } from '../src/schema.ts';
import { callsContext } from '../src/server.ts';
import { countAgain, emptyRollups, findMiscounts, moveDays } from '../src/statistics/recount.ts';

const PBX = 1;
const NATIVE = 2;
const DAY_ZONE = 'UTC';
const FIRST_CALL_MS = Date.UTC(2026, 2, 28, 22, 0);

const NO_SECRET = {
  secret: null,
  unsigned: true,
  autoZone: false,
  displayFormat: null,
  abandonSeconds: 5,
  active: true,
};
const NO_PREFIX = { serial: null, timeZone: 'Europe/Berlin', country: 'DE', areaCode: null, outsidePrefix: null };
const numbers = { ivr: ['62xx'], queue: ['64xx'], internal: ['[2-4]xxx'] };

async function found(ledger: Ledger): Promise<void> {
  await ledger.submit({
    name: 'found',
    bytes: 1_000,
    apply: state => {
      state.put(source, { id: PBX, key: 'hq', kind: 'yeastar', ...NO_PREFIX, ...NO_SECRET, numbers });
      state.put(source, { id: NATIVE, key: 'native', kind: 'native', ...NO_PREFIX, ...NO_SECRET, numbers });
      // 2002 changes hands while the calls go on.
      state.put(extension, { number: '2002', from: 0, until: FIRST_CALL_MS + 3_600_000, userId: 7 });
      state.put(extension, {
        number: '2002',
        from: FIRST_CALL_MS + 3_600_000,
        until: Number.MAX_SAFE_INTEGER,
        userId: 8,
      });
      state.put(extension, { number: '2003', from: 0, until: Number.MAX_SAFE_INTEGER, userId: 9 });
    },
  });
}

const seconds = fc.option(fc.integer({ min: 0, max: 120 }), { nil: null });
const legStatus = fc.constantFrom<LegStatus>(
  'answered',
  'no_answer',
  'busy',
  'voicemail',
  'failed',
  'abandoned',
  'unknown',
);

/** One stage and, now and then, fuller copies of it that name a recording or the DID later. */
const legs = (callNumber: number) =>
  fc
    .record({
      to: fc.constantFrom(
        '6200',
        '6201',
        '6400',
        '6401',
        '2002',
        '2003',
        '2004',
        '+493023125010',
        'Satisfaction Survey',
        null,
      ),
      offsetSeconds: fc.constantFrom(0, 0, 0, 13, 29, 600, 4_000),
      status: legStatus,
      durationSeconds: seconds,
      talkSeconds: seconds,
      direction: fc.constantFrom('inbound' as const, 'outbound' as const, 'internal' as const, 'unknown' as const),
      recordings: fc.uniqueArray(fc.constantFrom(null, 'a.wav', 'b.wav'), { minLength: 1, maxLength: 3 }),
      did: fc.constantFrom(null, '+493023125000'),
    })
    .map(({ to, offsetSeconds, status, durationSeconds, talkSeconds, direction, recordings, did }) =>
      recordings.map((recording): IncomingReport => {
        const fact: LegFact = {
          form: 'leg',
          startedAt: FIRST_CALL_MS + callNumber * 700_000 + offsetSeconds * 1_000,
          startedAtLocal: null,
          from: direction === 'outbound' ? '2003' : '03023125020',
          to,
          direction,
          status,
          cause: status.toUpperCase(),
          durationSeconds,
          talkSeconds,
          ringSeconds: durationSeconds,
          agentRingSeconds: 0,
          trunkIn: 'main',
          trunkOut: null,
          did,
          didName: null,
          recording,
          noteId: null,
          noteEditable: null,
          uid: null,
        };
        const { recording: _late, did: _lateToo, ...identity } = fact;
        return {
          sourceId: PBX,
          kind: 'yeastar.30012',
          group: `S|${callNumber}`,
          key: JSON.stringify(identity),
          fact,
          contentType: null,
          raw: new TextEncoder().encode(String(recording)),
          warnings: [],
        };
      }),
    );

/** A program states a call in up to three messages, each knowing a little more. */
const statements = (callNumber: number) =>
  fc
    .uniqueArray(
      fc.record({
        ended: fc.option(fc.integer({ min: 0, max: 300 }), { nil: null }),
        talk: seconds,
        note: fc.constantFrom(null, 'x', 'y'),
      }),
      {
        minLength: 1,
        maxLength: 3,
        selector: each => JSON.stringify(each),
      },
    )
    .map(said =>
      said.map(({ ended, talk, note }): IncomingReport => {
        const startedAt = FIRST_CALL_MS + callNumber * 700_000;
        const fact: StatedCall = {
          form: 'call',
          externalId: `own-${callNumber}`,
          direction: 'inbound',
          from: '+493023125030',
          to: '2002',
          startedAt,
          answeredAt: null,
          endedAt: ended === null ? null : startedAt + ended * 1_000,
          durationSeconds: null,
          ringSeconds: null,
          talkSeconds: talk,
          queueWaitSeconds: null,
          outcome: null,
          cause: null,
          disposition: null,
          userId: null,
          extension: '2002',
          queue: null,
          line: 'main',
          trunkIn: null,
          trunkOut: null,
          did: null,
          didName: null,
          recording: null,
          costMicros: null,
          currency: null,
          vote: null,
          failedReason: null,
          note,
          links: null,
        };
        const raw = new Uint8Array(0);
        const key = JSON.stringify(fact);
        return {
          sourceId: NATIVE,
          kind: 'native.call',
          group: `id|own-${callNumber}`,
          key,
          fact,
          contentType: null,
          raw,
          warnings: [],
        };
      }),
    );

/** Everything that is reported of some calls, each report once. */
const reports = fc
  .array(fc.boolean(), { minLength: 1, maxLength: 6 })
  .chain(kinds =>
    fc.tuple(
      ...kinds.map((isPbx, n) =>
        isPbx ? fc.array(legs(n), { minLength: 1, maxLength: 5 }).map(each => each.flat()) : statements(n),
      ),
    ),
  )
  .map(each => each.flat());

/** The same reports, twice told differently: shuffled, some repeated, cut into bursts that are submitted at once. */
const tellings = reports.chain(all =>
  fc.record({
    first: telling(all),
    second: telling(all),
  }),
);

function telling(all: readonly IncomingReport[]): fc.Arbitrary<IncomingReport[][]> {
  return fc
    .record({
      shuffled: fc.shuffledSubarray([...all], { minLength: all.length, maxLength: all.length }),
      repeated: fc.shuffledSubarray([...all]),
      burst: fc.integer({ min: 1, max: 12 }),
    })
    .map(({ shuffled, repeated, burst }) => {
      const told = [...shuffled, ...repeated];
      return Array.from({ length: Math.ceil(told.length / burst) }, (_, i) => told.slice(i * burst, (i + 1) * burst));
    });
}

async function tell(ledger: Ledger, bursts: readonly IncomingReport[][]): Promise<void> {
  for (const burst of bursts) await Promise.all(burst.map(each => ledger.submit(acceptReport(each, callsContext))));
}

/** Calls without what depends on when they were told: their numbers. */
async function calls(ledger: Ledger): Promise<object[]> {
  const rows = await ledger.reader.select<Call>({ from: call, limit: 1_000 });
  return rows
    .map(({ id: _id, legs: meanings, ...rest }) => ({
      ...rest,
      // In the order of what they mean: the numbers of the reports they came from are not the same.
      legs: meanings.map(({ party, userId }) => `${party} ${userId}`).sort(),
    }))
    .sort((a, b) => (`${a.sourceId} ${a.externalId}` < `${b.sourceId} ${b.externalId}` ? -1 : 1));
}

async function addsUp(ledger: Ledger, zone = DAY_ZONE): Promise<void> {
  assert.deepEqual(await findMiscounts(ledger.reader, call, zone, () => {}), []);
}

async function withLedgers(
  kind: 'memory' | 'sqlite',
  work: (open: () => Promise<Ledger>) => Promise<void>,
): Promise<void> {
  const directory = kind === 'sqlite' ? mkdtempSync(join(tmpdir(), 'aftercall-order-')) : null;
  const opened: Ledger[] = [];
  const open = async () => {
    const engine: Engine =
      directory === null
        ? new MemoryEngine({ entities, readsOnTheSpot: opened.length % 2 === 0 })
        : await SqliteEngine.open({ file: join(directory, `${opened.length}.db`), entities });
    const ledger = await Ledger.open({ engine, clock: Date.now, onFatal: error => assert.fail(error) });
    opened.push(ledger);
    await found(ledger);
    return ledger;
  };
  try {
    await work(open);
  } finally {
    for (const ledger of opened) await ledger.close();
    if (directory !== null) rmSync(directory, { recursive: true });
  }
}

async function holdsFor(
  open: () => Promise<Ledger>,
  { first, second }: { first: IncomingReport[][]; second: IncomingReport[][] },
) {
  const one = await open();
  const other = await open();
  await tell(one, first);
  await tell(other, second);
  assert.deepEqual(await calls(one), await calls(other));
  const kept = await one.reader.aggregate({ from: report, groupBy: [], sum: ['deliveries'] });
  assert.equal(kept[0]!['deliveries'], first.flat().length, 'every delivery is counted');
  await addsUp(one);
  await addsUp(other);
}

test('reports on the memory engine - any order, repetition and batching gives the same calls', async () => {
  await fc.assert(
    fc.asyncProperty(tellings, each => withLedgers('memory', open => holdsFor(open, each))),
    { numRuns: 300 },
  );
});

test('reports on SQLite - any order, repetition and batching gives the same calls', async () => {
  await fc.assert(
    fc.asyncProperty(tellings, each => withLedgers('sqlite', open => holdsFor(open, each))),
    { numRuns: 25 },
  );
});

test('statistics - add up after corrections, in the days of another zone, and made anew', async () => {
  const saying = { author: 'ops', contentType: null, raw: new Uint8Array(0) };
  await fc.assert(
    fc.asyncProperty(reports, fc.infiniteStream(fc.nat()), (all, random) =>
      withLedgers('memory', async open => {
        const ledger = await open();
        await tell(ledger, [all]);
        const ids = (await ledger.reader.select<Call>({ from: call, limit: 1_000 })).map(each => each.id);
        for (const id of ids) {
          const pick = random.next().value!;
          const fields = [{ outcome: 'missed' as const }, { userId: null }, { startedAt: FIRST_CALL_MS - 86_400_000 }][
            pick % 3
          ]!;
          await ledger.submit(correctCall(id, fields, null, saying, callsContext));
          if (pick % 2 === 0) await ledger.submit(retractCorrection(id, 1, saying, callsContext));
        }
        await addsUp(ledger);
        await ledger.submit(moveDays(call, ids, 'Pacific/Auckland'));
        await addsUp(ledger, 'Pacific/Auckland');
        await emptyRollups(ledger.reader, command => ledger.submit(command));
        await ledger.submit(countAgain(call, ids));
        await addsUp(ledger, 'Pacific/Auckland');
      }),
    ),
    { numRuns: 100 },
  );
});
