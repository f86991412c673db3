/** What people and programs ask of a long ledger: every filter and sort, with what it may cost. */
import { call, sourceCall } from '../../src/calls/entities.ts';
import type { CallFilter } from '../../src/calls/queries/callFilter.ts';
import { type CallCursor, listCalls } from '../../src/calls/queries/listCalls.ts';
import { possibleMatches } from '../../src/calls/queries/possibleMatches.ts';
import { portalsAmong, withLineIds } from '../../src/dialects/bitrix24/namedLines.ts';
import { PAGE_ROWS, readStatisticQuestion } from '../../src/dialects/bitrix24/statisticFilter.ts';
import { postJson } from '../../src/dialects/bitrix24/testing/testParams.ts';
import type { Reader } from '../../src/ledger/query.ts';
import { portalCall } from '../../src/portal/entities.ts';
import { portalPage } from '../../src/portal/queries/portalPage.ts';
import { source } from '../../src/sources/entities.ts';
import { numberKey } from '../../src/values/numberKey.ts';
import type { Law } from './law.ts';

const DAY_MS = 86_400_000;
const PAGE = 50;
const MATCHES = 100;
/** So many calls are looked through at most, of a ledger of more. */
export const SEARCHED_MOST = 10_000;
/** A number for fiction that no call is with. */
const NOBODYS_NUMBER = '+442079460999';

/** Places in a ledger that questions are about. */
export interface Places {
  readonly newest: CallCursor;
  readonly middle: CallCursor;
  readonly middleLine: number;
  readonly externalId: string;
  readonly portalToken: string;
  /** Of a call that an application registered. */
  readonly registeredToken: string;
  readonly portals: readonly number[];
}

export async function placesIn(reader: Reader): Promise<Places> {
  const at = async (place: 'newest' | number) => {
    const where = place === 'newest' ? [] : [{ column: 'startedAt', is: '<=', value: place } as const];
    const orderBy = [{ column: 'startedAt', descending: true } as const];
    const [row] = await reader.select({ from: call, where, orderBy, limit: 1 });
    return row!;
  };
  const [oldest] = await reader.select({ from: call, orderBy: [{ column: 'startedAt' }], limit: 1 });
  const newest = await at('newest');
  const middle = await at((oldest!.startedAt + newest.startedAt) / 2);
  const [line] = await reader.select({
    from: portalCall,
    where: [{ column: 'id', is: '=', value: middle.id }],
    limit: 1,
  });
  const portals = portalsAmong(await reader.select({ from: source, limit: 100 }));
  const [registered] = await reader.select({
    from: sourceCall,
    where: [
      { column: 'id', is: '>=', value: middle.id },
      { column: 'sourceId', in: portals },
    ],
    orderBy: [{ column: 'id' }],
    limit: 1,
  });
  return {
    newest,
    middle,
    middleLine: middle.id,
    externalId: middle.externalId!,
    portalToken: line!.token!,
    registeredToken: registered!.name,
    portals,
  };
}

export interface Question {
  readonly name: string;
  readonly law: Law;
  ask(reader: Reader, places: Places): Promise<unknown>;
}

type Narrowing = Omit<CallFilter, 'now'>;
const HOURS = { weekdays: [1, 3], hours: [9, 10], timeZone: 'Europe/Berlin' };
const THRESHOLDS = [{ sourceId: 2, answerWithinSeconds: 20, queueThresholds: { 6401: 30 } }];

/** By the filter of `GET /v1/calls`; where no index leads there, calls that are rare are searched for. */
const CALL_FILTERS: readonly (readonly [name: string, filter: (places: Places) => Narrowing, law: Law])[] = [
  ['none', () => ({}), 'found'],
  ['state=open', () => ({ state: 'open' }), 'found'],
  ['state=ended', () => ({ state: 'ended' }), 'found'],
  ['state=unfinished', () => ({ state: 'unfinished' }), 'found'],
  ['state=unfinished, rare', () => ({ state: 'unfinished', directions: ['unknown'] }), 'found'],
  ['state=open, rare', () => ({ state: 'open', directions: ['unknown'] }), 'found'],
  ['user', () => ({ users: [102] }), 'found'],
  ['users', () => ({ users: Array.from({ length: 100 }, (_, n) => 101 + n) }), 'found'],
  ['user=none', () => ({ users: [null] }), 'found'],
  ['user=none and a user', () => ({ users: [102, null] }), 'found'],
  ['a user without calls', () => ({ users: [9_999] }), 'found'],
  ['direction', () => ({ directions: ['inbound'] }), 'found'],
  ['direction, rare', () => ({ directions: ['unknown'] }), 'searched'],
  ['outcome', () => ({ outcomes: ['answered', 'busy'] }), 'found'],
  ['outcome, rare', () => ({ outcomes: ['blocked'] }), 'searched'],
  ['outcome, rare, of a user', () => ({ outcomes: ['blocked'], users: [102] }), 'searched'],
  ['queue', () => ({ queues: ['6400'] }), 'found'],
  ['queue, rare', () => ({ queues: ['6499'] }), 'searched'],
  ['queue=any', () => ({ queued: true }), 'found'],
  ['queue=none', () => ({ queues: [null] }), 'found'],
  ['line=none', () => ({ lines: [null] }), 'found'],
  ['line, rare', () => ({ lines: ['nowhere'] }), 'searched'],
  ['source', () => ({ sourceIds: [2] }), 'found'],
  ['source, rare', () => ({ sourceIds: [77] }), 'searched'],
  ['short', () => ({ short: true }), 'searched'],
  ['number, rare', () => ({ numbers: [NOBODYS_NUMBER] }), 'searched'],
  ['externalId', ({ externalId }) => ({ externalId }), 'found'],
  ['externalId of a user', ({ externalId }) => ({ externalId, users: [102] }), 'found'],
  ['externalId, nobody has it', () => ({ externalId: 'no such call' }), 'found'],
  ['figure=answered', () => ({ figure: { outcome: 'answered' } }), 'found'],
  ['figure=short', () => ({ figure: { short: true } }), 'searched'],
  [
    'figure=answeredWithin',
    () => ({ figure: { outcome: 'answered', short: false, answeredWithin: THRESHOLDS } }),
    'found',
  ],
  ['figure=rangOnly', () => ({ users: [301, 302], figure: { rangOnly: true } }), 'searched'],
  ['weekday and hour', () => ({ localHours: HOURS }), 'found'],
  ['weekday and hour, outcome rare', () => ({ localHours: HOURS, outcomes: ['blocked'] }), 'searched'],
];

interface Where {
  readonly name: string;
  readonly bounds: (places: Places) => Narrowing;
  readonly after: (places: Places) => CallCursor | null;
  /** What is asked about is a piece of the ledger that does not grow. */
  readonly isPiece: boolean;
}

const dayOf = ({ middle: { startedAt } }: Places): Narrowing => ({
  startedFrom: startedAt - DAY_MS / 2,
  startedTo: startedAt + DAY_MS / 2,
});
const WHERES: readonly Where[] = [
  { name: 'newest', bounds: () => ({}), after: () => null, isPiece: false },
  { name: 'a page in the middle', bounds: () => ({}), after: ({ middle }) => middle, isPiece: false },
  { name: 'of a day', bounds: dayOf, after: () => null, isPiece: true },
  { name: 'of a day, a later page', bounds: dayOf, after: ({ middle }) => middle, isPiece: true },
  {
    name: 'from a day on',
    bounds: ({ middle }) => ({ startedFrom: middle.startedAt }),
    after: () => null,
    isPiece: false,
  },
  { name: 'up to a day', bounds: ({ middle }) => ({ startedTo: middle.startedAt }), after: () => null, isPiece: false },
];

export const CALL_QUESTIONS: readonly Question[] = CALL_FILTERS.flatMap(([name, filter, law]) =>
  WHERES.map(where => ({
    name: `${name}, ${where.name}`,
    law: where.isPiece ? 'found' : law,
    ask: (reader: Reader, places: Places) => {
      const now = places.newest.startedAt + 3_600_000;
      const asked: CallFilter = { ...filter(places), ...where.bounds(places), now };
      return listCalls(reader, asked, PAGE, where.after(places), { callsMost: SEARCHED_MOST });
    },
  })),
);

const PHONES = { country: 'DE', areaCode: null, outsidePrefix: null };
const iso = (at: number): string => new Date(at).toISOString();

type StatisticBody = { readonly FILTER?: object; readonly start?: number };

/** By FILTER and start of `voximplant.statistic.get`. `start` −1 asks for no total. */
const STATISTIC_FILTERS: readonly (readonly [name: string, body: (places: Places) => StatisticBody, law: Law])[] = [
  ['CALL_ID', ({ portalToken }) => ({ FILTER: { CALL_ID: portalToken } }), 'found'],
  ['CALL_ID of a registration', ({ registeredToken }) => ({ FILTER: { CALL_ID: registeredToken } }), 'found'],
  [
    'CALL_IDs',
    ({ portalToken, registeredToken }) => ({ FILTER: { CALL_ID: [portalToken, registeredToken] } }),
    'found',
  ],
  ['CALL_ID, no line has it', () => ({ FILTER: { CALL_ID: ['no such line', 'call.0'] } }), 'found'],
  ['EXTERNAL_CALL_ID', ({ externalId }) => ({ FILTER: { EXTERNAL_CALL_ID: externalId } }), 'found'],
  ['ID', ({ middleLine }) => ({ FILTER: { ID: [middleLine, middleLine + 1] } }), 'found'],
  ['PHONE_NUMBER', () => ({ FILTER: { PHONE_NUMBER: NOBODYS_NUMBER } }), 'found'],
  ['PHONE_NUMBERs', () => ({ FILTER: { PHONE_NUMBER: [NOBODYS_NUMBER, '+442079460998'] } }), 'found'],
  [
    'CALL_START_DATE of a day',
    ({ middle }) => ({
      FILTER: { '>=CALL_START_DATE': iso(middle.startedAt), '<CALL_START_DATE': iso(middle.startedAt + DAY_MS) },
    }),
    'found',
  ],
  [
    'CALL_START_DATE of a day, start 100',
    ({ middle }) => ({
      FILTER: { '><CALL_START_DATE': [iso(middle.startedAt), iso(middle.startedAt + DAY_MS)] },
      start: 100,
    }),
    'found',
  ],
  [
    'CALL_START_DATE of the last day, and a user',
    ({ newest }) => ({ FILTER: { '>=CALL_START_DATE': iso(newest.startedAt - DAY_MS), PORTAL_USER_ID: 102 } }),
    'found',
  ],
  ['>ID, start -1', ({ middleLine }) => ({ FILTER: { '>ID': middleLine }, start: -1 }), 'found'],
  ['none, start -1', () => ({ start: -1 }), 'found'],
  ['CALL_TYPE, start -1', () => ({ FILTER: { CALL_TYPE: 2 }, start: -1 }), 'found'],
  ['none', () => ({}), 'counted'],
  ['none, start 2500', () => ({ start: 2_500 }), 'counted'],
  ['PORTAL_USER_ID', () => ({ FILTER: { PORTAL_USER_ID: 102 } }), 'counted'],
  ['CALL_FAILED_CODE', () => ({ FILTER: { CALL_FAILED_CODE: '486' } }), 'counted'],
  ['!CALL_FAILED_CODE', () => ({ FILTER: { '!CALL_FAILED_CODE': '200' } }), 'counted'],
  ['>CALL_DURATION', () => ({ FILTER: { '>CALL_DURATION': 300 } }), 'counted'],
  ['%PHONE_NUMBER', () => ({ FILTER: { '%PHONE_NUMBER': '7946' } }), 'counted'],
  ['%COMMENT', () => ({ FILTER: { '%COMMENT': 'nobody wrote this' } }), 'counted'],
  [
    'CALL_START_DATE from the middle on',
    ({ middle }) => ({ FILTER: { '>=CALL_START_DATE': iso(middle.startedAt) } }),
    'counted',
  ],
];

const STATISTIC_SORTS: readonly (readonly [name: string, sort: object, isIndexed: boolean])[] = [
  ['', {}, true],
  [' by ID descending', { SORT: 'ID', ORDER: 'DESC' }, true],
  [' by CALL_START_DATE', { SORT: 'CALL_START_DATE', ORDER: 'ASC' }, true],
  [' by CALL_START_DATE descending', { ORDER: { CALL_START_DATE: 'DESC' } }, true],
  [' by COST', { SORT: 'COST', ORDER: 'DESC' }, false],
];

/** What an order that no index has costs: the lines that are meant are all looked at. */
const GROWING: readonly string[] = ['>ID, start -1', 'none, start -1', 'CALL_TYPE, start -1'];

export const STATISTIC_QUESTIONS: readonly Question[] = STATISTIC_FILTERS.flatMap(([name, body, law]) =>
  STATISTIC_SORTS.map(([order, sort, isIndexed]) => ({
    name: `${name}${order}`,
    law: (GROWING.includes(name) && !isIndexed) || isAcross(name, order) ? ('counted' as const) : law,
    ask: async (reader: Reader, places: Places) => {
      const asked = readStatisticQuestion(await postJson({ ...body(places), ...sort }), {
        zone: 'Etc/UTC',
        phoneKeyOf: number => numberKey(number, PHONES),
        phoneKeysOfText: text => [numberKey(text, PHONES)],
      });
      const { orderBy, offset, counted } = asked;
      const where = await withLineIds(reader, places.portals, asked.where);
      return portalPage(reader, { where, orderBy, offset, limit: PAGE_ROWS, counted });
    },
  })),
);

/** Ids from a place on, in the order of their starts. */
function isAcross(name: string, order: string): boolean {
  return name === '>ID, start -1' && order === ' by CALL_START_DATE';
}

export const MATCH_QUESTIONS: readonly Question[] = [
  { name: 'first page', law: 'found', ask: reader => possibleMatches(reader, 0, MATCHES) },
  { name: 'a later page', law: 'found', ask: reader => possibleMatches(reader, 20, MATCHES) },
];
