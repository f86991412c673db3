/** What `/v1` answers: the shapes of the description, each under its name and with an example. */
import Type from 'typebox';
import { PARTICIPANT_ROLES } from '../../calls/fold/participants.ts';
import { PARTIES } from '../../calls/fold/party.ts';
import { OUTCOMES, QUEUE_OUTCOMES } from '../../values/outcome.ts';
import { BOUNDS } from '../../values/secondsBuckets.ts';
import { columnOf } from './callFilters.ts';
import { PROBLEM_CODES, typeOf } from './problem.ts';
import { CorrectedFields, Direction, Outcome, words } from './schemas.ts';

const orNull = <T extends Type.TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const text = (description?: string) => orNull(Type.String(), description);
const whole = (description?: string) => orNull(Type.Integer(), description);
const id = (description: string) => Type.Integer({ minimum: 1, description });
const instant = (description: string) => Type.String({ format: 'date-time', description });
const instantOrNull = (description: string) => orNull(Type.String({ format: 'date-time' }), description);
const seconds = (description: string) =>
  orNull(Type.Integer({ minimum: 0 }), `${description} Seconds; null: not known.`);

export const Problem = Type.Object(
  {
    type: Type.Enum(PROBLEM_CODES.map(typeOf), { description: 'The code; docs/errors.md explains each.' }),
    title: Type.String({ description: 'The registered phrase of the status.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong with this request, for a person.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), detail: Type.String() }), {
        description: 'The fields that are wrong, by their path.',
      }),
    ),
  },
  {
    $id: 'Problem',
    description: 'Problem details (RFC 9457).',
    examples: [
      {
        type: 'aftercall:invalid',
        title: 'Bad Request',
        status: 400,
        detail: 'direction is missing',
        errors: [{ field: 'direction', detail: 'is missing' }],
      },
    ],
  },
);

const callFields = {
  id: id('The id of the call. Ids in `aliases` lead here too.'),
  externalId: text('The id its source has for it.'),
  source: Type.String({ description: 'Key of the source; `native` for what came over this API.' }),
  state: words(['open', 'ended', 'unfinished'], 'Unfinished: no end was reported within four hours.'),
  direction: Direction,
  from: text('The calling number as reported; null when withheld.'),
  to: text('The called number as reported.'),
  fromE164: text('The calling number in E.164, where it is one.'),
  toE164: text('The called number in E.164, where it is one.'),
  startedAt: instant('When the call was made or came in.'),
  answeredAt: instantOrNull('When it was answered.'),
  endedAt: instantOrNull('When it ended.'),
  settledAt: instantOrNull('Since when nothing more is expected.'),
  historical: Type.Boolean({ description: 'Only programs that load old calls had reported it when it settled.' }),
  durationSeconds: seconds('From start to end.'),
  ringSeconds: seconds('From start to answer, or to the end.'),
  talkSeconds: seconds('From answer to end.'),
  queueWaitSeconds: seconds('Waited in `queue`.'),
  outcome: Outcome,
  short: Type.Boolean({ description: 'Shorter than `shortSeconds` of its source.' }),
  cause: text('What the wire reported, in its own words.'),
  disposition: text('What a person decided.'),
  userId: whole('The user who answered last, or made the call.'),
  extension: text('The extension of the user in this call.'),
  queue: text('The queue whose agent answered last, else the last one it was in.'),
  line: text('The own number or trunk the call used.'),
  trunkIn: text('The trunk it came in by.'),
  trunkOut: text('The trunk it went out by.'),
  did: text('The own number that was dialled.'),
  didName: text('The name of that number.'),
  recording: text('Name of the recording at the source.'),
  cost: text('An exact decimal.'),
  currency: text('ISO 4217.'),
  vote: whole('1 to 5.'),
  failedReason: text('Why it failed, in words.'),
  note: text('What a person wrote.'),
  links: Type.Array(Type.String(), { description: 'URIs of what the call belongs to in other systems.' }),
  aliases: Type.Array(Type.Integer(), {
    description: 'Ids that lead here as well: calls that became part of this one.',
  }),
  participants: Type.Array(
    Type.Object({
      userId: id('The user.'),
      role: words(
        [...PARTICIPANT_ROLES],
        'The strongest of: talked last; talked and handed on; made the call; sent it on to a mobile or mailbox; only rang.',
      ),
      ringSeconds: seconds('Of this user’s legs alone.'),
      talkSeconds: seconds('Of this user alone.'),
    }),
    { description: 'Who took part, by user.' },
  ),
  queues: Type.Array(
    Type.Object({
      source: Type.String({ description: 'Key of the source that has the queue.' }),
      queue: Type.String({ description: 'Its number.' }),
      outcome: words(
        [...QUEUE_OUTCOMES],
        'What became of the call there; overflowed: it went on to another queue, a desk, a mailbox or a number.',
      ),
      waitSeconds: seconds('Waited there, however often it came.'),
    }),
    { description: 'The queues it was in, each once; the one in `queue` is the last.' },
  ),
};

const CALL = {
  id: 17,
  externalId: 'call-1',
  source: 'native',
  state: 'ended',
  direction: 'inbound',
  from: '+442079460123',
  to: '+442079460100',
  fromE164: '+442079460123',
  toE164: '+442079460100',
  startedAt: '2026-03-02T10:00:00Z',
  answeredAt: '2026-03-02T10:00:10Z',
  endedAt: '2026-03-02T10:00:40Z',
  settledAt: '2026-03-02T10:00:42.310Z',
  historical: false,
  durationSeconds: 40,
  ringSeconds: 10,
  talkSeconds: 30,
  queueWaitSeconds: null,
  outcome: 'answered',
  short: false,
  cause: null,
  disposition: null,
  userId: 1,
  extension: '2001',
  queue: null,
  line: null,
  trunkIn: null,
  trunkOut: null,
  did: null,
  didName: null,
  recording: null,
  cost: '0.25',
  currency: 'EUR',
  vote: null,
  failedReason: null,
  note: null,
  links: ['https://crm.example/deals/5'],
  aliases: [],
  participants: [{ userId: 1, role: 'answered', ringSeconds: 10, talkSeconds: 30 }],
  queues: [],
};

export const Call = Type.Object(callFields, {
  $id: 'Call',
  description: 'One attempt of two parties to talk, made of everything that was reported about it.',
  examples: [CALL],
});

export const CallPage = Type.Object(
  {
    items: Type.Array(Call),
    next: text('Cursor of the next page, null at the end.'),
    searchedTo: instantOrNull('Where the page ended before it was full: the start of the last call looked at.'),
  },
  { $id: 'CallPage', examples: [{ items: [CALL], next: null, searchedTo: null }] },
);

export const Leg = Type.Object(
  {
    id: id('The first report of this leg.'),
    startedAt: instant('When this stage began.'),
    startedAtLocal: text('The same in the words of the PBX.'),
    endedAt: instantOrNull('When it ended.'),
    from: text(),
    to: text('The number that was reached.'),
    direction: Direction,
    party: words([...PARTIES], 'What the number reaches.'),
    status: words(
      ['answered', 'no_answer', 'busy', 'voicemail', 'failed', 'abandoned', 'unknown'],
      'What became of this stage.',
    ),
    cause: text('What the wire reported, in its own words.'),
    durationSeconds: seconds('Of this stage.'),
    talkSeconds: seconds('Of this stage.'),
    ringSeconds: seconds('Of this stage.'),
    agentRingSeconds: seconds('From entering the queue to the answer of an agent.'),
    trunkIn: text(),
    trunkOut: text(),
    did: text(),
    didName: text(),
    recording: text('The name of a file at the PBX.'),
    noteId: text(),
    noteEditable: orNull(Type.Boolean()),
    uid: text('The id the PBX has for the detail record of the whole call.'),
    userId: whole('Who held the extension.'),
  },
  {
    $id: 'Leg',
    description: 'One stage of a call as a PBX reported it: menu, queue, extension.',
    examples: [
      {
        id: 21,
        startedAt: '2026-03-02T10:00:00Z',
        startedAtLocal: '2026-03-02 11:00:00',
        endedAt: '2026-03-02T10:00:40Z',
        from: '+442079460123',
        to: '2001',
        direction: 'inbound',
        party: 'extension',
        status: 'answered',
        cause: 'ANSWERED',
        durationSeconds: 40,
        talkSeconds: 30,
        ringSeconds: 10,
        agentRingSeconds: null,
        trunkIn: 'SIP-1',
        trunkOut: null,
        did: '+442079460100',
        didName: null,
        recording: null,
        noteId: null,
        noteEditable: null,
        uid: null,
        userId: 1,
      },
    ],
  },
);

const author = Type.String({ description: 'The name of the user or token.' });
const reason = text('Why, in the words of the author.');
const correctionFields = {
  n: Type.Integer({ minimum: 1, description: 'Counts the corrections of the call; takes the correction back.' }),
  author,
  at: instant('When it was made.'),
  reason,
  fields: CorrectedFields,
};
const CORRECTION = { n: 1, author: 'carla', at: '2026-03-02T11:00:00Z', reason: 'Bert took it', fields: { userId: 2 } };

export const Correction = Type.Object(correctionFields, {
  $id: 'Correction',
  description: 'What a person stated about a call: it wins over every source.',
  examples: [CORRECTION],
});

export const MadeCorrection = Type.Object(
  { ...correctionFields, call: Call },
  {
    $id: 'MadeCorrection',
    description: 'A correction, and the call it led to.',
    examples: [{ ...CORRECTION, call: { ...CALL, userId: 2, extension: '2002' } }],
  },
);

export const Retraction = Type.Object(
  { n: Type.Integer({ description: 'The correction that was taken back.' }), author, at: instant('When.') },
  { $id: 'Retraction', examples: [{ n: 1, author: 'carla', at: '2026-03-02T11:05:00Z' }] },
);

export const Completion = Type.Object(
  {
    recordId: id('The dialling record.'),
    author,
    at: instant('When it was completed.'),
    result: text('The call result the agent gave; null: it was left to the call.'),
  },
  {
    $id: 'Completion',
    description: 'An agent completed the dialling record of the call.',
    examples: [{ recordId: 40, author: 'anna', at: '2026-03-02T10:01:00Z', result: 'Answer' }],
  },
);

export const MatchDecision = Type.Object(
  {
    verdict: words(['joined', 'separated'], 'Whether they are one call.'),
    callIds: Type.Array(Type.Integer(), { description: 'The calls that were joined to this one, or taken out.' }),
    author,
    at: instant('When it was decided.'),
    reason,
  },
  {
    $id: 'MatchDecision',
    description: 'A decision of a person on which calls are one.',
    examples: [{ verdict: 'joined', callIds: [19], author: 'carla', at: '2026-03-02T11:10:00Z', reason: null }],
  },
);

const REPORT = {
  id: 21,
  sourceCallId: 17,
  source: 'native',
  kind: 'native.call',
  receivedAt: '2026-03-02T10:00:41.300Z',
  deliveries: 1,
  warnings: [],
  contentType: 'application/json',
  raw: '{"externalId":"call-1","direction":"inbound"}',
};

export const Report = Type.Object(
  {
    id: id('The report.'),
    sourceCallId: Type.Integer({
      description:
        'The source call it is of: the id of the call, one of its aliases, or that of a dialling record, which leads here too.',
    }),
    source: text('Key of the source; null for what a person stated.'),
    kind: Type.String({ description: 'What it is, in the words of its dialect: `yeastar.30012`, `native.call`.' }),
    receivedAt: instant('When it arrived first.'),
    deliveries: Type.Integer({ minimum: 1, description: 'How often it arrived.' }),
    warnings: Type.Array(Type.String(), { description: 'What is odd about it.' }),
    contentType: text('Of `raw`.'),
    raw: Type.String({ description: 'The body as it arrived, without credentials.' }),
    correction: Type.Optional(Correction),
    retraction: Type.Optional(Retraction),
    completion: Type.Optional(Completion),
    matchDecision: Type.Optional(MatchDecision),
  },
  {
    $id: 'Report',
    description: 'One message about a call, kept as it arrived.',
    examples: [REPORT],
  },
);

const custom = Type.Record(Type.String(), Type.String(), {
  description: 'Columns of the list that have no meaning here.',
});

export const CallRecord = Type.Object(
  {
    id: id('The record.'),
    handle: whole('By which its agent completes it.'),
    applicationId: Type.Integer(),
    callResult: Type.String({ description: 'The name of the call result, as in docs/genesys.md.' }),
  },
  { $id: 'CallRecord', examples: [{ id: 40, handle: 1, applicationId: 105, callResult: 'Answer' }] },
);

export const DiallingRecord = Type.Object(
  {
    id: id('The record.'),
    campaign: text('The name of its campaign.'),
    callingList: text('The name of its calling list.'),
    applicationId: Type.Integer(),
    handle: whole('By which its agent completes it; null before it is retrieved.'),
    recordId: whole('`record_id` of the list.'),
    chainId: Type.Integer({ description: 'Records of one customer share a chain.' }),
    chainN: Type.Integer({ description: 'The place in the chain.' }),
    contactInfo: Type.String({ description: 'The number.' }),
    recordStatus: Type.Integer({ description: 'As in docs/genesys.md.' }),
    recordType: Type.Integer({ description: 'As in docs/genesys.md.' }),
    callResult: Type.String({ description: 'The name of the call result, as in docs/genesys.md.' }),
    callResultCode: Type.Integer({ minimum: 0 }),
    resultFrom: orNull(words(['agent', 'call', 'list'], 'What the result was taken from.')),
    attempts: Type.Integer({ minimum: 0 }),
    userId: whole('Who has it, or had it when it was completed.'),
    retrievedAt: instantOrNull('When the agent was given it.'),
    completedAt: instantOrNull('When it was completed.'),
    callTime: instantOrNull('Start of the last call.'),
    callId: whole('The call it was completed with.'),
    custom,
  },
  {
    $id: 'DiallingRecord',
    description: 'One number of one customer in a calling list.',
    examples: [
      {
        id: 40,
        campaign: 'Spring',
        callingList: 'Customers',
        applicationId: 105,
        handle: 1,
        recordId: 7,
        chainId: 3,
        chainN: 0,
        contactInfo: '+14155550101',
        recordStatus: 3,
        recordType: 2,
        callResult: 'Answer',
        callResultCode: 33,
        resultFrom: 'call',
        attempts: 1,
        userId: 1,
        retrievedAt: '2026-03-02T09:59:00Z',
        completedAt: '2026-03-02T10:01:00Z',
        callTime: '2026-03-02T10:00:00Z',
        callId: 17,
        custom: { language: 'en' },
      },
    ],
  },
);

/** With the journal of the call, whose entries are the events that are declared. */
export const callDetail = (event: Type.TSchema, journalExample: unknown) =>
  Type.Object(
    {
      ...callFields,
      legs: Type.Array(Leg, { description: 'In the order they began.' }),
      reports: Type.Array(Report, { description: 'Oldest first.' }),
      records: Type.Array(CallRecord, { description: 'Dialling records that were completed with this call.' }),
      possibleMatches: Type.Array(Type.Integer(), {
        description: 'Ids of calls that look like this one, found when both had settled.',
      }),
      journal: Type.Array(event, { description: 'What happened to it, oldest first.' }),
    },
    {
      $id: 'CallDetail',
      description: 'A call with its legs, reports and journal.',
      examples: [
        {
          ...CALL,
          legs: [],
          reports: [REPORT],
          records: [],
          possibleMatches: [],
          journal: [journalExample],
        },
      ],
    },
  );

export const JoinedCall = Type.Object(
  { id: id('The call.') },
  { $id: 'JoinedCall', description: 'The id of the call that came of it.', examples: [{ id: 17 }] },
);

const otherCallId = id('The other one.');
const POSSIBLE_MATCH = { id: 3, callId: 17, otherCallId: 19, at: '2026-03-02T10:20:00Z' };

export const PossibleMatch = Type.Object(
  { id: id('Its number.'), callId: id('One of the two calls.'), otherCallId, at: instant('When it was found.') },
  {
    $id: 'PossibleMatch',
    description: 'Two calls that look like one and were found too late to be joined automatically.',
    examples: [POSSIBLE_MATCH],
  },
);
export const PossibleMatchPage = Type.Object(
  { items: Type.Array(PossibleMatch), next: whole('For `after` of the next page, null at the end.') },
  { $id: 'PossibleMatchPage', examples: [{ items: [POSSIBLE_MATCH], next: null }] },
);
export const DismissedMatch = Type.Object(
  { callId: id('One of the two calls.'), otherCallId },
  { $id: 'DismissedMatch', description: 'Two calls that are two.', examples: [{ callId: 17, otherCallId: 19 }] },
);

export const Client = Type.Object(
  {
    type: words(['contact', 'lead', 'company'], 'Each type has ids of its own.'),
    id: id('The client.'),
    name: Type.String(),
    phones: Type.Array(Type.String(), { description: 'As they were written.' }),
    responsibleId: whole('The user who looks after the client.'),
    origin: text('Where a lead came from, in the words of the program that created it.'),
    createdByCallId: whole('The call it was created for; null: a person entered it.'),
    createdAt: instant('When.'),
  },
  {
    $id: 'Client',
    description: 'Somebody who calls or is called.',
    examples: [
      {
        type: 'contact',
        id: 5,
        name: 'A customer',
        phones: ['+442079460123'],
        responsibleId: 1,
        origin: null,
        createdByCallId: null,
        createdAt: '2026-03-01T09:00:00Z',
      },
    ],
  },
);

export const MessagePage = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          id: id('The message.'),
          at: instant('When it was written.'),
          callId: id('The call it is about.'),
          text: Type.String(),
        },
        { $id: 'Message', description: 'A message to a user about a finished call.' },
      ),
    ),
  },
  {
    $id: 'MessagePage',
    examples: [
      {
        items: [
          { id: 8, at: '2026-03-02T10:00:41Z', callId: 17, text: 'The call from +442079460123 finished after 40 s.' },
        ],
      },
    ],
  },
);

const QUARANTINED = {
  id: 3,
  source: 'hq',
  receivedAt: '2026-03-02T10:00:41Z',
  reason: 'unreadable',
  problem: 'the body is not JSON',
  state: 'waiting',
  callId: null,
  contentType: 'application/json',
  raw: '{"type":30012',
};

export const Quarantined = Type.Object(
  {
    id: id('The entry.'),
    source: text('Key of the source.'),
    receivedAt: instant('When it arrived.'),
    reason: words(
      ['unreadable', 'other_event'],
      '`other_event`: it was understood, and is not about the end of a call.',
    ),
    problem: Type.String({ description: 'What could not be understood.' }),
    state: words(['waiting', 'replayed'], 'Whether it has been read again.'),
    callId: whole('The call it became part of.'),
    contentType: text('Of `raw`.'),
    raw: Type.String({ description: 'The body as it arrived, without credentials; empty once it is a report.' }),
  },
  {
    $id: 'Quarantined',
    description: 'Something that arrived, was acknowledged and could not be understood.',
    examples: [QUARANTINED],
  },
);
export const QuarantinePage = Type.Object(
  { items: Type.Array(Quarantined), next: whole('For `after` of the next page, null at the end.') },
  { $id: 'QuarantinePage', examples: [{ items: [QUARANTINED], next: null }] },
);
export const Replay = Type.Object(
  {
    id: id('The entry.'),
    callId: whole('The call it became part of.'),
    verdict: words(['accepted', 'repeated'], 'Repeated: it was known already.'),
  },
  { $id: 'Replay', examples: [{ id: 3, callId: 17, verdict: 'accepted' }] },
);

const count = (description: string) => Type.Integer({ minimum: 0, description });
const range = orNull(
  Type.Object({
    over: whole('Exclusive, seconds; null: from 0.'),
    upTo: whole('Inclusive, seconds; null: without end.'),
  }),
  'Between which bounds the value lies; null: none is known.',
);
const spread = (description: string) =>
  Type.Object(
    {
      known: count('How many have one.'),
      p50: range,
      p90: range,
      max: range,
    },
    { description: `${description} To the width of a histogram, whose bounds are ${BOUNDS.join(', ')} seconds.` },
  );
const sums = {
  calls: count('All of them.'),
  short: count('Of these, shorter than their source takes for a call.'),
  ...Object.fromEntries(OUTCOMES.map(each => [columnOf(each), count('Of these.')])),
  overflowed: Type.Optional(
    count(
      'Of these, went on from the queue to another one, a desk, a mailbox or a number. Where queues are asked for.',
    ),
  ),
  rangOnly: Type.Optional(
    count('Not among the calls: rang at these users, and another one answered. Where users are asked for.'),
  ),
  talkSeconds: count('Of answered calls; of users, their own.'),
  ringSeconds: count('Of users, their own.'),
  cost: Type.Array(Type.Object({ currency: text('ISO 4217; null: not known.'), amount: Type.String() }), {
    description: 'By currency, exact decimals; calls whose cost is not known add nothing.',
  }),
  rings: orNull(
    spread('How long it rang.'),
    'Null where rows are of times other than days of the organisation, and no user, queue, line or source is asked for.',
  ),
  filter: Type.String({ description: 'Query of `GET /v1/calls` that lists exactly these calls.' }),
};
const rowKeys = {
  key: text('What the row is about, by `by`; null: calls without.'),
  key2: Type.Optional(text('The same of the second `by`.')),
};
const statistics = (figures: Record<string, Type.TSchema>) => ({
  by: Type.Array(Type.String(), { description: 'As asked.' }),
  timeZone: Type.String({ description: 'Of days and hours.' }),
  rows: Type.Array(Type.Object({ ...rowKeys, ...figures })),
  totals: Type.Object(figures, { description: 'Every call once.' }),
  rowsCountUsers: Type.Boolean({ description: 'A row has a call once for each user.' }),
  rowsMayExceedTotals: Type.Boolean({ description: 'Rows together may have more calls than the totals.' }),
  columns: Type.Record(Type.String(), Type.String(), {
    description: 'What to add to the `filter` of a row, or of the totals, to list the calls of one column.',
  }),
  next: text('Cursor of the next page, null at the end.'),
});
const queueSums = {
  ...sums,
  overflowed: count('Of these, went on from the queue to another one, a desk, a mailbox or a number.'),
  offered: count('Calls that are not short.'),
  answeredWithin: count('Of the offered, answered after no more than the seconds of their queue.'),
  answerWithinSeconds: whole('Those seconds; null where they differ.'),
  serviceLevel: orNull(Type.Number(), 'Answered within of offered, four decimals.'),
  waitSeconds: count('Waited in the queue.'),
  waits: spread('How long they waited.'),
};

const SUMS_EXAMPLE = {
  calls: 3,
  short: 0,
  ...Object.fromEntries(OUTCOMES.map(each => [columnOf(each), each === 'answered' ? 2 : each === 'missed' ? 1 : 0])),
  talkSeconds: 75,
  ringSeconds: 31,
  cost: [{ currency: 'EUR', amount: '0.25' }],
  rings: { known: 3, p50: { over: 5, upTo: 10 }, p90: { over: 10, upTo: 15 }, max: { over: 10, upTo: 15 } },
};
const QUEUE_EXAMPLE = {
  ...SUMS_EXAMPLE,
  overflowed: 0,
  offered: 3,
  answeredWithin: 1,
  answerWithinSeconds: 20,
  serviceLevel: 0.3333,
  waitSeconds: 64,
  waits: { known: 3, p50: { over: 15, upTo: 20 }, p90: { over: 20, upTo: 30 }, max: { over: 20, upTo: 30 } },
};
const EXAMPLE_COLUMNS = { calls: 'figure=calls', missed: 'figure=missed' };

export const Statistics = Type.Object(statistics(sums), {
  $id: 'Statistics',
  description: 'Ended calls, counted.',
  examples: [
    {
      by: ['day'],
      timeZone: 'UTC',
      rows: [
        {
          key: '2026-03-02',
          ...SUMS_EXAMPLE,
          filter: 'state=ended&startedFrom=2026-03-02T00%3A00%3A00Z&startedTo=2026-03-03T00%3A00%3A00Z',
        },
      ],
      totals: { ...SUMS_EXAMPLE, filter: 'state=ended' },
      rowsCountUsers: false,
      rowsMayExceedTotals: false,
      columns: EXAMPLE_COLUMNS,
      next: null,
    },
  ],
});

export const QueueStatistics = Type.Object(statistics(queueSums), {
  $id: 'QueueStatistics',
  description: 'Ended calls that were in a queue, counted.',
  examples: [
    {
      by: ['queue'],
      timeZone: 'UTC',
      rows: [{ key: '6401', ...QUEUE_EXAMPLE, filter: 'state=ended&queue=6401' }],
      totals: { ...QUEUE_EXAMPLE, filter: 'state=ended&queue=any' },
      rowsCountUsers: false,
      rowsMayExceedTotals: true,
      columns: EXAMPLE_COLUMNS,
      next: null,
    },
  ],
});

export const NodePage = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          number: Type.Integer({ description: 'A server that starts again has another one.' }),
          url: text('Where the other nodes reach it (NODE_URL); null when they cannot.'),
          version: Type.String(),
          state: words(
            ['alive', 'dead'],
            'Dead: it has not been seen for some seconds. After a minute it is forgotten.',
          ),
          startedAt: instant('When.'),
          seenAt: instant('When it was seen last.'),
          jobs: Type.Array(Type.String(), { description: 'What one node at a time does, and this one does now.' }),
        },
        { $id: 'Node', description: 'A server on this database.' },
      ),
    ),
  },
  {
    $id: 'NodePage',
    examples: [
      {
        items: [
          {
            number: 1,
            url: null,
            version: '0.1.0',
            state: 'alive',
            startedAt: '2026-03-02T06:00:00Z',
            seenAt: '2026-03-02T10:00:00Z',
            jobs: ['settling', 'fetching'],
          },
        ],
      },
    ],
  },
);
