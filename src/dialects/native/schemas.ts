/** What `/v1` takes: validation, types and description from one source. What it answers: views.ts. */
import Type from 'typebox';
import { SUMMARY_KEYS } from '../../statistics/queries/question.ts';
import { DIRECTIONS } from '../../values/direction.ts';
import { OUTCOMES, QUEUE_OUTCOMES } from '../../values/outcome.ts';
import { LONGEST_CALL_SECONDS } from '../../values/plausible.ts';
import { FIGURES, NONE } from './callFilters.ts';

export const words = <const T extends string[]>(values: readonly [...T], description: string) =>
  Type.Enum(values as [...T], { description });

/** Longer texts than this are not names or numbers. */
const line = (description: string, maxLength = 256) =>
  Type.Union([Type.String({ maxLength }), Type.Null()], { description });
const instant = (description: string) =>
  Type.String({ description: `${description} ISO 8601 with an offset, such as 2026-09-23T21:04:18Z.`, maxLength: 40 });
const seconds = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0, maximum: LONGEST_CALL_SECONDS }), Type.Null()], {
    description: `${description} Seconds.`,
  });
/** The id of a row. */
export const rowId = (description: string) => Type.Integer({ minimum: 1, description });
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Direction = words(DIRECTIONS, 'Seen from the organisation.');
export const Outcome = words(OUTCOMES, 'What became of the call, in a closed list every source is translated into.');

const money = Type.Union([Type.String({ pattern: '^-?[0-9]{1,9}(\\.[0-9]{1,6}0*)?$' }), Type.Number(), Type.Null()], {
  description: 'A decimal, as text or number; kept exactly, up to six decimals.',
});
const links = Type.Array(Type.String({ maxLength: 2_000, pattern: '^[a-z][a-z0-9+.-]*:' }), {
  maxItems: 50,
  description: 'URIs of what the call belongs to in other systems.',
});

export const NewCall = Type.Object(
  {
    externalId: Type.Optional(line('Your own id of the call; the same id again is the same call.')),
    direction: Direction,
    from: line('The calling number as you have it; null when withheld.', 64),
    to: line('The called number as you have it.', 64),
    startedAt: instant('When the call was made or came in.'),
    answeredAt: Type.Optional(orNull(instant('When it was answered.'))),
    endedAt: Type.Optional(
      orNull(instant('When it ended; without it and without durationSeconds the call stays open.')),
    ),
    durationSeconds: Type.Optional(seconds('From start to end; with `endedAt` the seconds between the two.')),
    ringSeconds: Type.Optional(seconds('From start to answer, or to the end; with the talk not more than the call.')),
    talkSeconds: Type.Optional(
      seconds('From answer to end; 0: it was not answered, as where the outcome is one without talk.'),
    ),
    queueWaitSeconds: Type.Optional(seconds('Time waited in queues; not more than the call.')),
    outcome: Type.Optional(orNull(Outcome)),
    cause: Type.Optional(line('What the wire reported, in its own words.')),
    disposition: Type.Optional(line('What a person decided.')),
    userId: Type.Optional(orNull(Type.Integer({ minimum: 1 }))),
    extension: Type.Optional(
      line('The extension of the user; who alone holds it at the start becomes the call’s user.', 64),
    ),
    queue: Type.Optional(line('The queue the call waited in.', 64)),
    line: Type.Optional(line('The own number or trunk the call used.')),
    trunkIn: Type.Optional(line('The trunk it came in by.')),
    trunkOut: Type.Optional(line('The trunk it went out by.')),
    did: Type.Optional(line('The own number that was dialled.', 64)),
    didName: Type.Optional(line('The name of that number.')),
    recording: Type.Optional(line('Name of the recording at the source.', 1_000)),
    cost: Type.Optional(money),
    currency: Type.Optional(orNull(Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' }))),
    vote: Type.Optional(orNull(Type.Integer({ minimum: 1, maximum: 5 }))),
    failedReason: Type.Optional(line('Why it failed, in words.', 1_000)),
    note: Type.Optional(line('What a person wrote.', 10_000)),
    links: Type.Optional(orNull(links)),
    historical: Type.Optional(
      Type.Boolean({
        description:
          'True: it is loaded from elsewhere, after the fact. Its events are marked, and left out of streams.',
      }),
    ),
  },
  {
    $id: 'NewCall',
    additionalProperties: false,
    examples: [
      {
        externalId: 'call-1',
        direction: 'inbound',
        from: '+442079460123',
        to: '+442079460100',
        startedAt: '2026-03-02T10:00:00Z',
        durationSeconds: 40,
        talkSeconds: 30,
        extension: '2001',
      },
    ],
  },
);
export type NewCall = Type.Static<typeof NewCall>;

export const CorrectedFields = Type.Object(
  {
    direction: Type.Optional(Direction),
    from: Type.Optional(line('The calling number.', 64)),
    to: Type.Optional(line('The called number.', 64)),
    startedAt: Type.Optional(instant('When the call was made or came in.')),
    answeredAt: Type.Optional(orNull(instant('When it was answered.'))),
    endedAt: Type.Optional(instant('When it ended.')),
    talkSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 * 86_400 })),
    outcome: Type.Optional(Outcome),
    disposition: Type.Optional(line('What a person decided.')),
    userId: Type.Optional(orNull(Type.Integer({ minimum: 1 }))),
    queue: Type.Optional(line('The queue the call waited in.', 64)),
    line: Type.Optional(line('The own number or trunk the call used.')),
    cost: Type.Optional(money),
    currency: Type.Optional(orNull(Type.String({ pattern: '^[A-Z]{3}$' }))),
    vote: Type.Optional(orNull(Type.Integer({ minimum: 1, maximum: 5 }))),
    failedReason: Type.Optional(line('Why it failed, in words.', 1_000)),
    note: Type.Optional(line('What a person wrote.', 10_000)),
    links: Type.Optional(links),
  },
  {
    $id: 'CorrectedFields',
    additionalProperties: false,
    minProperties: 1,
    description: 'What is true instead; null empties a field, what is not named stays as reported.',
    examples: [{ userId: 2, disposition: 'sold' }],
  },
);

export const NewCorrection = Type.Object(
  {
    reason: Type.Optional(line('Why, in words of the author.', 1_000)),
    fields: CorrectedFields,
  },
  {
    $id: 'NewCorrection',
    additionalProperties: false,
    examples: [{ reason: 'Bert took it', fields: { userId: 2, disposition: 'sold' } }],
  },
);
export type NewCorrection = Type.Static<typeof NewCorrection>;

const reason = Type.Optional(line('Why.', 1_000));
export const NewJoin = Type.Object(
  { with: rowId('The other call.'), reason },
  { $id: 'NewJoin', additionalProperties: false, examples: [{ with: 19, reason: 'one customer' }] },
);
export type NewJoin = Type.Static<typeof NewJoin>;

export const NewSplit = Type.Object(
  {
    calls: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1 }), {
        minItems: 1,
        maxItems: 1_000,
        description: 'Which of the call’s id and aliases to take out; not needed where there are two.',
      }),
    ),
    reason,
  },
  { $id: 'NewSplit', additionalProperties: false, examples: [{ reason: 'two callers' }] },
);
export type NewSplit = Type.Static<typeof NewSplit>;

export const NewClient = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 256 }),
    phones: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 50 }),
    responsibleId: Type.Optional(orNull(Type.Integer({ minimum: 1, description: 'A user.' }))),
  },
  {
    $id: 'NewClient',
    additionalProperties: false,
    examples: [{ name: 'A customer', phones: ['+442079460123'], responsibleId: 1 }],
  },
);
export type NewClient = Type.Static<typeof NewClient>;

export const IdParams = Type.Object({ id: rowId('The id.') });
export const CorrectionParams = Type.Object({
  id: rowId('The id of the call.'),
  n: rowId('The number of the correction.'),
});
export const PossibleMatchParams = Type.Object({
  callId: rowId('One of the two calls.'),
  otherCallId: rowId('The other one.'),
});
export const AfterQuery = Type.Object(
  { after: Type.Optional(Type.Integer({ minimum: 0, description: '`next` of the page before.' })) },
  { additionalProperties: false },
);
export type AfterQuery = Type.Static<typeof AfterQuery>;

/** What a filter without a word in it would find is nothing that somebody asked for. */
export const NOT_BLANK = '\\S';

/** Given several times, one of the values must hold. */
const several = <T extends Type.TSchema>(schema: T, description: string) =>
  Type.Optional(Type.Array(schema, { minItems: 1, maxItems: 100, description: `${description} May be repeated.` }));

const shared = {
  startedFrom: Type.Optional(instant('Inclusive.')),
  startedTo: Type.Optional(instant('Exclusive.')),
  direction: several(Type.Enum([...DIRECTIONS]), 'Seen from the organisation.'),
  source: several(Type.String({ maxLength: 64 }), 'Key of the source; of queues, the one that has the queue.'),
  user: several(
    Type.Union([Type.Integer({ minimum: 1 }), Type.Literal(NONE)]),
    'Id of a user who took part: was more than rung while another answered; `none`: no user took part.',
  ),
  queue: several(
    Type.String({ maxLength: 64, pattern: NOT_BLANK }),
    'Number of a queue the call was in; `none`: in none, `any`: in one; one that is called so: `\\none`, `\\any`.',
  ),
  line: several(
    Type.String({ maxLength: 256, pattern: NOT_BLANK }),
    'The own number or trunk; `none`: without one; one that is called so: `\\none`.',
  ),
};
const timeZone = Type.Optional(Type.String({ maxLength: 64, description: 'IANA name; default the organisation’s.' }));

export const ListQuery = Type.Object(
  {
    ...shared,
    outcome: several(
      Type.Enum([...QUEUE_OUTCOMES]),
      'What became of the call; with `queue`, what became of it in the queue. `overflowed`: it went on from there.',
    ),
    short: Type.Optional(words(['true', 'false'], 'Whether it was shorter than its source takes for a call.')),
    figure: Type.Optional(words(FIGURES, 'What this column of the statistics counts; docs/statistics.md.')),
    weekday: several(
      Type.Integer({ minimum: 1, maximum: 7 }),
      'Of the start, by the clock of `timeZone`; Monday is 1.',
    ),
    hour: several(Type.Integer({ minimum: 0, maximum: 23 }), 'Of the start, by the clock of `timeZone`.'),
    timeZone,
    number: Type.Optional(
      Type.String({ maxLength: 64, pattern: NOT_BLANK, description: 'Of either party, as given or E.164.' }),
    ),
    externalId: Type.Optional(
      Type.String({
        maxLength: 256,
        pattern: NOT_BLANK,
        description:
          'The id a source has for the call; a joined call has several. `source` is then that one or the call’s.',
      }),
    ),
    state: Type.Optional(words(['open', 'ended', 'unfinished'], 'Unfinished: no end was reported within four hours.')),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Calls in one page.' })),
    cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before.' })),
  },
  { additionalProperties: false },
);
export type ListQuery = Type.Static<typeof ListQuery>;

const summaryQuery = (byDefault: string) =>
  Type.Object(
    {
      by: Type.Optional(
        Type.Array(Type.Enum([...SUMMARY_KEYS]), {
          minItems: 1,
          maxItems: 2,
          uniqueItems: true,
          description: `What the rows are about, once or twice; default ${byDefault}.`,
        }),
      ),
      ...shared,
      timeZone,
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1_000, default: 1_000, description: 'Rows in one page.' }),
      ),
      // A line and a queue, of control characters too.
      cursor: Type.Optional(Type.String({ maxLength: 4_000, description: '`next` of the page before.' })),
    },
    { additionalProperties: false },
  );
export const SummaryQuery = summaryQuery('day');
export const QueuesQuery = summaryQuery('queue');
export type SummaryQuery = Type.Static<typeof SummaryQuery>;
