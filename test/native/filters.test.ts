import assert from 'node:assert/strict';
import { test } from 'node:test';
import { push, signatureOf } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import type { CallView } from '../kit/v1Views.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { ANNA, BERT, openHouse, statedCall } from './house.ts';

const { server, v1 } = await openHouse();

const DAY_START_SECONDS = Date.UTC(2026, 2, 2, 6) / 1000;
const random = createRandom(7);
const NUMBERS = ['+442079460123', '+442079460124', '0711000001', '1002', null];
const OUTCOMES = ['answered', 'missed', 'busy', 'voicemail'];

await fillHouse();
const all = await v1.list();

/** Some of everything: a PBX's calls, and calls that a program states, each with or without a user, a number, an end. */
async function fillHouse(): Promise<void> {
  const pbx = createCalls(random, { startedAtSeconds: DAY_START_SECONDS, callsPerSecond: 0.01, queueShare: 0.2 });
  const events = Array.from({ length: 40 }, () => pbx.next()).flatMap(call => call.events);
  await Promise.all(events.map(({ body }) => push(server, body, { signature: signatureOf(body) })));
  const now = Math.floor(Date.now() / 1000);
  const stated = Array.from({ length: 60 }, (_, n) => {
    const isOpen = n % 6 === 0;
    const outcome = random.pick(OUTCOMES);
    const talkSeconds = outcome === 'answered' || outcome === 'voicemail' ? 30 : 0;
    const startedAtSeconds = isOpen && n % 12 === 0 ? now - 60 : DAY_START_SECONDS + random.integer(0, 4_000);
    return statedCall({
      externalId: `filter-${n}`,
      direction: random.pick(['inbound', 'outbound', 'internal', 'unknown']),
      from: random.pick(NUMBERS),
      to: random.pick(NUMBERS),
      startedAt: new Date(startedAtSeconds * 1000).toISOString(),
      userId: random.pick([ANNA.id, BERT.id, undefined]),
      ...(isOpen ? { durationSeconds: undefined, talkSeconds: undefined } : { outcome, talkSeconds }),
    });
  });
  await Promise.all(stated.map(body => v1.post('/v1/calls', body, 201)));
}

interface Filter {
  readonly query: string;
  readonly fits: (call: CallView) => boolean;
}

const at = (seconds: number): string => new Date((DAY_START_SECONDS + seconds) * 1000).toISOString();
const startedFrom = (seconds: number): Filter => ({
  query: `startedFrom=${at(seconds)}`,
  fits: call => Date.parse(call.startedAt) >= Date.parse(at(seconds)),
});
const startedTo = (seconds: number): Filter => ({
  query: `startedTo=${at(seconds)}`,
  fits: call => Date.parse(call.startedAt) < Date.parse(at(seconds)),
});
const several = (...some: readonly Filter[]): Filter => ({
  query: some.map(each => each.query).join('&'),
  fits: call => some.some(each => each.fits(call)),
});
const none = (name: string, key: 'queue' | 'line' | 'userId'): Filter => ({
  query: `${name}=none`,
  fits: call => call[key] === null,
});
const byClock = (timeZone: string, query: string, fits: (clock: Temporal.ZonedDateTime) => boolean): Filter => ({
  query: `${query}&timeZone=${timeZone}`,
  fits: call => fits(Temporal.Instant.from(call.startedAt).toZonedDateTimeISO(timeZone)),
});
const equals = (name: string, key: keyof CallView, value: string | number): Filter => ({
  query: `${name}=${value}`,
  fits: call => call[key] === value,
});
const has = (query: string, ...spellings: string[]): Filter => ({
  query: `number=${encodeURIComponent(query)}`,
  fits: call =>
    [call.from, call.to, call.fromE164, call.toE164, call.did].some(each => spellings.includes(each ?? '-')),
});

const FILTERS: readonly (readonly Filter[])[] = [
  [startedFrom(200), startedFrom(1_000), startedFrom(2_000.5)],
  [startedTo(3_000), startedTo(40_000)],
  [equals('source', 'source', 'hq'), equals('source', 'source', 'native')],
  [
    equals('user', 'userId', ANNA.id),
    equals('user', 'userId', BERT.id),
    equals('user', 'userId', 99),
    several(equals('user', 'userId', ANNA.id), equals('user', 'userId', BERT.id)),
    several(none('user', 'userId'), equals('user', 'userId', BERT.id)),
  ],
  ['inbound', 'outbound', 'internal', 'unknown'].map(each => equals('direction', 'direction', each)),
  [
    ...[...OUTCOMES, 'unknown'].map(each => equals('outcome', 'outcome', each)),
    several(equals('outcome', 'outcome', 'busy'), equals('outcome', 'outcome', 'missed')),
  ],
  [
    has('+442079460123', '+442079460123'),
    has('1002', '1002'),
    has('0711000001', '0711000001'),
    has('+44 20 7946 0124', '+442079460124'),
  ],
  ['open', 'ended', 'unfinished'].map(each => equals('state', 'state', each)),
  [
    none('queue', 'queue'),
    several(none('queue', 'queue'), equals('queue', 'queue', '6400')),
    { query: 'queue=any', fits: call => call.queue !== null },
  ],
  [none('line', 'line'), several(none('line', 'line'), equals('line', 'line', 'Saf'))],
  [
    { query: 'short=true', fits: call => call.short },
    { query: 'short=false', fits: call => !call.short },
  ],
  [
    byClock('Europe/Berlin', 'hour=7', clock => clock.hour === 7),
    byClock('Asia/Kathmandu', 'hour=12&hour=13', clock => clock.hour === 12 || clock.hour === 13),
    byClock('Pacific/Kiritimati', 'weekday=2&weekday=1&hour=21', clock => clock.dayOfWeek <= 2 && clock.hour === 21),
    byClock('Pacific/Kiritimati', 'weekday=1&hour=20', clock => clock.dayOfWeek === 1 && clock.hour === 20),
  ],
];

const ids = (calls: readonly CallView[]): number[] => calls.map(each => each.id);

test('no filter - all calls, newest first, ties by the newest id', () => {
  const sorted = all.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || b.id - a.id);
  assert.deepEqual(ids(all), ids(sorted));
  assert.equal(all.length, 100);
});

for (const filter of FILTERS.flat()) {
  test(`${filter.query} - lists what fits and nothing else`, async () => {
    assert.deepEqual(ids(await v1.list(filter.query)), ids(all.filter(filter.fits)));
  });
}

test('filters - each matches something and leaves something out, or the tests above would prove nothing', () => {
  for (const { query, fits } of FILTERS.flat()) {
    const found = all.filter(fits).length;
    assert.ok(found < all.length && (found > 0 || query === 'user=99'), `${query} matches ${found}`);
  }
});

test('filters combined - what fits all of them', async () => {
  let matched = 0;
  for (let round = 0; round < 120; round++) {
    const picked = FILTERS.filter(() => random.chance(0.35)).map(each => random.pick(each));
    const query = picked.map(each => each.query).join('&');
    const expected = all.filter(call => picked.every(each => each.fits(call)));
    const [from, to] = [/startedFrom=([^&]*)/.exec(query)?.[1], /startedTo=([^&]*)/.exec(query)?.[1]];
    if (from !== undefined && to !== undefined && from >= to) continue;
    assert.deepEqual(ids(await v1.list(query, random.integer(1, 30))), ids(expected), query);
    matched += expected.length;
  }
  assert.ok(matched > 100);
});

test('number - with or without plus, national or international, of the own number dialled too', async () => {
  const wanted = ids(await v1.list('number=%2B442079460123'));
  assert.ok(wanted.length > 0);
  for (const spelling of ['+442079460123', '442079460123', '%2B44%2020%207946%200123', '0044%2020%207946-0123']) {
    assert.deepEqual(ids(await v1.list(`number=${spelling}`)), wanted, spelling);
  }
  const did = all.find(each => each.did !== null)!;
  assert.ok(ids(await v1.list(`number=${encodeURIComponent(did.did!)}`)).includes(did.id));
});

test('state - open while it may still end, unfinished four hours later', async () => {
  // Those that are stated to be open began a minute, or months ago.
  const fourHoursAgo = Date.now() - 4 * 3_600_000;
  const open = await v1.list('state=open');
  const unfinished = await v1.list('state=unfinished');
  assert.ok(open.length > 0 && unfinished.length > 0);
  assert.ok(open.every(each => each.endedAt === null && Date.parse(each.startedAt) > fourHoursAgo));
  assert.ok(unfinished.every(each => each.endedAt === null && Date.parse(each.startedAt) < fourHoursAgo));
});
