/**
 * What people and programs ask of a long ledger, with what it may cost: every filter and sort, of which the lists are the code's own, so
 * that no new one is forgotten.
 */
import { call, sourceCall } from '../../src/calls/entities.ts';
import type { CallFilter } from '../../src/calls/queries/callFilter.ts';
import { type CallCursor, listCalls } from '../../src/calls/queries/listCalls.ts';
import { possibleMatches } from '../../src/calls/queries/possibleMatches.ts';
import { portalsAmong, withLineIds } from '../../src/dialects/bitrix24/namedLines.ts';
import { OPERATORS, PAGE_ROWS, readStatisticQuestion } from '../../src/dialects/bitrix24/statisticFilter.ts';
import { STATISTIC_FIELDS, statisticField } from '../../src/dialects/bitrix24/statisticFilterFields.ts';
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
  /** Rows of an answer. */
  readonly page: number;
  ask(reader: Reader, places: Places): Promise<unknown>;
}

type Narrowing = Omit<CallFilter, 'now'>;
const HOURS = { weekdays: [1, 3], hours: [9, 10], timeZone: 'Europe/Berlin' };
const THRESHOLDS = [{ sourceId: 2, answerWithinSeconds: 20, queueThresholds: { 6401: 30 } }];

/** By the filter of `GET /v1/calls`: `found` where an index leads there, `walked` for what is frequent; where no index leads there, calls that are rare are searched for. */
const CALL_FILTERS: readonly (readonly [name: string, filter: (places: Places) => Narrowing, law: Law])[] = [
  ['none', () => ({}), 'found'],
  ['state=open', () => ({ state: 'open' }), 'found'],
  ['state=ended', () => ({ state: 'ended' }), 'walked'],
  ['state=unfinished', () => ({ state: 'unfinished' }), 'found'],
  ['state=unfinished, rare', () => ({ state: 'unfinished', directions: ['unknown'] }), 'walked'],
  ['state=open, rare', () => ({ state: 'open', directions: ['unknown'] }), 'walked'],
  ['user', () => ({ users: [102] }), 'found'],
  ['users', () => ({ users: Array.from({ length: 100 }, (_, n) => 101 + n) }), 'found'],
  ['user=none', () => ({ users: [null] }), 'walked'],
  ['user=none and a user', () => ({ users: [102, null] }), 'walked'],
  ['a user without calls', () => ({ users: [9_999] }), 'found'],
  ['direction', () => ({ directions: ['inbound'] }), 'walked'],
  ['direction, rare', () => ({ directions: ['unknown'] }), 'searched'],
  ['outcome', () => ({ outcomes: ['answered', 'busy'] }), 'walked'],
  ['outcome, rare', () => ({ outcomes: ['blocked'] }), 'searched'],
  ['outcome, rare, of a user', () => ({ outcomes: ['blocked'], users: [102] }), 'searched'],
  ['queue', () => ({ queues: ['6400'] }), 'found'],
  ['queue, rare', () => ({ queues: ['6499'] }), 'searched'],
  ['queue=any', () => ({ queued: true }), 'walked'],
  ['queue=none', () => ({ queues: [null] }), 'walked'],
  ['line=none', () => ({ lines: [null] }), 'walked'],
  ['line, rare', () => ({ lines: ['nowhere'] }), 'searched'],
  ['source', () => ({ sourceIds: [2] }), 'walked'],
  ['source, rare', () => ({ sourceIds: [77] }), 'searched'],
  ['short', () => ({ short: true }), 'searched'],
  ['number, rare', () => ({ numbers: [NOBODYS_NUMBER] }), 'searched'],
  ['externalId', ({ externalId }) => ({ externalId }), 'found'],
  ['externalId of a user', ({ externalId }) => ({ externalId, users: [102] }), 'found'],
  ['externalId, nobody has it', () => ({ externalId: 'no such call' }), 'found'],
  ['figure=answered', () => ({ figure: { outcome: 'answered' } }), 'walked'],
  ['figure=short', () => ({ figure: { short: true } }), 'searched'],
  [
    'figure=answeredWithin',
    () => ({ figure: { outcome: 'answered', short: false, answeredWithin: THRESHOLDS } }),
    'walked',
  ],
  ['figure=rangOnly', () => ({ users: [301, 302], figure: { rangOnly: true } }), 'searched'],
  ['weekday and hour', () => ({ localHours: HOURS }), 'walked'],
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

/** A filter that is new is missing here before it is missing among the questions. */
const CALL_FILTER_NAMES: Readonly<Record<keyof Narrowing, true>> = {
  startedFrom: true,
  startedTo: true,
  localHours: true,
  sourceIds: true,
  users: true,
  directions: true,
  outcomes: true,
  queues: true,
  queued: true,
  lines: true,
  short: true,
  figure: true,
  numbers: true,
  externalId: true,
  state: true,
};

/** Filters of `GET /v1/calls` that no question has. */
export function filtersUnasked(places: Places): string[] {
  const asked = [...CALL_FILTERS.map(([, filter]) => filter), ...WHERES.map(each => each.bounds)];
  const names = new Set(asked.flatMap(filter => Object.keys(filter(places))));
  return Object.keys(CALL_FILTER_NAMES).filter(each => !names.has(each));
}

export const CALL_QUESTIONS: readonly Question[] = CALL_FILTERS.flatMap(([name, filter, law]) =>
  WHERES.map(where => ({
    name: `${name}, ${where.name}`,
    law: where.isPiece ? 'found' : law,
    page: PAGE,
    ask: (reader: Reader, places: Places) => {
      const now = places.newest.startedAt + 3_600_000;
      const asked: CallFilter = { ...filter(places), ...where.bounds(places), now };
      return listCalls(reader, asked, PAGE, where.after(places), { callsMost: SEARCHED_MOST });
    },
  })),
);

const PHONES = { country: 'DE', areaCode: null, outsidePrefix: null };
/** Further on than what is held at once. */
const DEEP_START = 12_000;
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

const statisticQuestion = (name: string, law: Law, body: (places: Places) => object): Question => ({
  name,
  law,
  page: PAGE_ROWS,
  ask: async (reader, places) => {
    const params = await postJson(body(places));
    const asked = readStatisticQuestion(params, {
      zone: 'Etc/UTC',
      phoneKeyOf: number => numberKey(number, PHONES),
      phoneKeysOfText: text => [numberKey(text, PHONES)],
    });
    const { nothing, orderBy, offset, counted } = asked;
    if (nothing) return;
    const where = await withLineIds(reader, places.portals, asked.where);
    await portalPage(reader, { where, orderBy, offset, limit: PAGE_ROWS, counted });
  },
});

/** A field of a statistics row leads to its lines by an index. */
const INDEXED_FIELDS: readonly string[] = ['ID', 'CALL_ID', 'EXTERNAL_CALL_ID', 'PHONE_NUMBER', 'CALL_START_DATE'];

/** A value that some field may have, of whichever kind it is. */
const someValueOf = (name: string, { middle }: Places) => (name.endsWith('_DATE') ? iso(middle.startedAt) : '7');

/** Each field that there is, equal to a value, and each operator. */
const FIELD_FILTERS: readonly Question[] = STATISTIC_FIELDS.map(name => {
  const isNothing = !('column' in statisticField(name)!);
  const law = isNothing || INDEXED_FIELDS.includes(name) ? 'found' : 'counted';
  return statisticQuestion(`=${name}`, law, places => ({ FILTER: { [`=${name}`]: someValueOf(name, places) } }));
});
const OPERATOR_FILTERS: readonly Question[] = OPERATORS.flatMap(operator =>
  ['PHONE_NUMBER', 'CALL_DURATION'].map(name =>
    statisticQuestion(
      `${operator}${name} of any`,
      operator === '=' && name === 'PHONE_NUMBER' ? 'found' : 'counted',
      () => ({ FILTER: { [`${operator}${name}`]: operator.endsWith('><') ? ['5', '60'] : '7' } }),
    ),
  ),
);

/** Each field that lines can be sorted by, far behind, which takes what a first page does, and more. */
const FIELD_SORTS: readonly Question[] = STATISTIC_FIELDS.filter(name => statisticField(name)!.sortable).map(name =>
  statisticQuestion(`by ${name}, far behind`, 'counted', () => ({ ORDER: { [name]: 'DESC' }, start: DEEP_START })),
);

export const STATISTIC_QUESTIONS: readonly Question[] = [
  ...STATISTIC_FILTERS.flatMap(([name, body, law]) =>
    STATISTIC_SORTS.map(([order, sort, isIndexed]) => {
      const grows = (GROWING.includes(name) && !isIndexed) || isAcross(name, order);
      return statisticQuestion(`${name}${order}`, grows ? 'counted' : law, places => ({ ...body(places), ...sort }));
    }),
  ),
  ...FIELD_FILTERS,
  ...OPERATOR_FILTERS,
  ...FIELD_SORTS,
];

/** Of a ledger in which most calls have the same name outside, and most lines a number that was withheld: nothing leads to few. */
export const ALIKE = 'the same';
export const WITHHELD = numberKey('', PHONES);
export const ALIKE_QUESTIONS: readonly Question[] = [
  statisticQuestion('PHONE_NUMBER, withheld', 'counted', () => ({ FILTER: { PHONE_NUMBER: '' } })),
  statisticQuestion('PHONE_NUMBER, withheld, by COST', 'counted', () => ({
    FILTER: { PHONE_NUMBER: '' },
    ORDER: { COST: 'DESC' },
    start: DEEP_START,
  })),
  statisticQuestion('PHONE_NUMBER, withheld, of a user', 'counted', () => ({
    FILTER: { PHONE_NUMBER: '', PORTAL_USER_ID: 102 },
  })),
  statisticQuestion('EXTERNAL_CALL_ID', 'counted', () => ({ FILTER: { EXTERNAL_CALL_ID: ALIKE } })),
  {
    name: 'externalId',
    law: 'searched',
    page: PAGE,
    ask: (reader, { newest }) => listCalls(reader, { externalId: ALIKE, now: newest.startedAt }, PAGE, null),
  },
  {
    name: 'externalId of a user',
    law: 'searched',
    page: PAGE,
    ask: (reader, { newest }) =>
      listCalls(reader, { externalId: ALIKE, users: [9_999], now: newest.startedAt }, PAGE, null, {
        callsMost: SEARCHED_MOST / 2,
      }),
  },
];

/** Ids from a place on, in the order of their starts. */
function isAcross(name: string, order: string): boolean {
  return name === '>ID, start -1' && order === ' by CALL_START_DATE';
}

export const MATCH_QUESTIONS: readonly Question[] = [
  { name: 'first page', law: 'found', page: MATCHES, ask: reader => possibleMatches(reader, 0, MATCHES) },
  { name: 'a later page', law: 'found', page: MATCHES, ask: reader => possibleMatches(reader, 20, MATCHES) },
];
