/** The shapes of `/v1`: validation, types and OpenAPI from one source. */
import Type from 'typebox';
import { DIRECTIONS } from '../../values/direction.ts';
import { OUTCOMES } from '../../values/outcome.ts';

const words = <const T extends string[]>(values: readonly [...T], description: string) =>
  Type.Enum(values as [...T], { description });

/** Longer texts than this are not names or numbers. */
const line = (description: string, maxLength = 256) =>
  Type.Union([Type.String({ maxLength }), Type.Null()], { description });
const instant = (description: string) =>
  Type.String({ description: `${description} ISO 8601 with an offset, such as 2026-09-23T21:04:18Z.`, maxLength: 40 });
const seconds = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0, maximum: 30 * 86_400 }), Type.Null()], {
    description: `${description} Seconds.`,
  });
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
    answeredAt: Type.Optional(orNull(instant('When somebody answered.'))),
    endedAt: Type.Optional(
      orNull(instant('When it ended; without it and without durationSeconds the call stays open.')),
    ),
    durationSeconds: Type.Optional(seconds('From start to end.')),
    ringSeconds: Type.Optional(seconds('From start to answer, or to the end.')),
    talkSeconds: Type.Optional(seconds('From answer to end; 0 says that nobody answered.')),
    queueWaitSeconds: Type.Optional(seconds('Time waited in queues.')),
    outcome: Type.Optional(orNull(Outcome)),
    cause: Type.Optional(line('What the wire said, in its own words.')),
    disposition: Type.Optional(line('What a person decided.')),
    userId: Type.Optional(orNull(Type.Integer({ minimum: 1 }))),
    extension: Type.Optional(line('The extension of the user; its holder at the start becomes the call’s user.', 64)),
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
  },
  { additionalProperties: false },
);
export type NewCall = Type.Static<typeof NewCall>;

export const NewCorrection = Type.Object(
  {
    reason: Type.Optional(line('Why, for those who read it later.', 1_000)),
    fields: Type.Object(
      {
        direction: Type.Optional(Direction),
        from: Type.Optional(line('', 64)),
        to: Type.Optional(line('', 64)),
        startedAt: Type.Optional(instant('')),
        answeredAt: Type.Optional(orNull(instant(''))),
        endedAt: Type.Optional(instant('')),
        talkSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 * 86_400 })),
        outcome: Type.Optional(Outcome),
        disposition: Type.Optional(line('')),
        userId: Type.Optional(orNull(Type.Integer({ minimum: 1 }))),
        queue: Type.Optional(line('', 64)),
        line: Type.Optional(line('')),
        cost: Type.Optional(money),
        currency: Type.Optional(orNull(Type.String({ pattern: '^[A-Z]{3}$' }))),
        vote: Type.Optional(orNull(Type.Integer({ minimum: 1, maximum: 5 }))),
        failedReason: Type.Optional(line('', 1_000)),
        note: Type.Optional(line('', 10_000)),
        links: Type.Optional(links),
      },
      {
        additionalProperties: false,
        minProperties: 1,
        description: 'What is true instead; null empties a field, what is not named stays as reported.',
      },
    ),
  },
  { additionalProperties: false },
);
export type NewCorrection = Type.Static<typeof NewCorrection>;

const reason = Type.Optional(line('Why.', 1_000));
export const NewJoin = Type.Object(
  { with: Type.Integer({ minimum: 1, description: 'The other call.' }), reason },
  { additionalProperties: false },
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
  { additionalProperties: false },
);
export type NewSplit = Type.Static<typeof NewSplit>;

export const NewClient = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 256 }),
    phones: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 50 }),
    responsibleId: Type.Optional(orNull(Type.Integer({ minimum: 1, description: 'A user.' }))),
  },
  { additionalProperties: false },
);
export type NewClient = Type.Static<typeof NewClient>;

const text = Type.Union([Type.String(), Type.Null()]);
const number = Type.Union([Type.Integer(), Type.Null()]);

export const CallView = Type.Object({
  id: Type.Integer(),
  externalId: text,
  source: Type.String({ description: 'Key of the source; `native` for what came over this API.' }),
  state: words(['open', 'ended', 'unfinished'], 'Unfinished: no end was reported within four hours.'),
  direction: Direction,
  from: text,
  to: text,
  fromE164: text,
  toE164: text,
  startedAt: Type.String(),
  answeredAt: text,
  endedAt: text,
  settledAt: Type.Union([Type.String(), Type.Null()], { description: 'Since when nothing more is expected.' }),
  durationSeconds: number,
  ringSeconds: number,
  talkSeconds: number,
  queueWaitSeconds: number,
  outcome: Outcome,
  cause: text,
  disposition: text,
  userId: number,
  extension: text,
  queue: text,
  line: text,
  trunkIn: text,
  trunkOut: text,
  did: text,
  didName: text,
  recording: text,
  cost: Type.Union([Type.String(), Type.Null()], { description: 'An exact decimal.' }),
  currency: text,
  vote: number,
  failedReason: text,
  note: text,
  links: Type.Array(Type.String()),
  aliases: Type.Array(Type.Integer(), { description: 'Ids that lead here as well: what others told of this call.' }),
});

export const CallPage = Type.Object({
  items: Type.Array(CallView),
  next: Type.Union([Type.String(), Type.Null()], { description: 'Cursor of the next page, null at the end.' }),
});

export const ListQuery = Type.Object(
  {
    startedFrom: Type.Optional(instant('Inclusive.')),
    startedTo: Type.Optional(instant('Exclusive.')),
    source: Type.Optional(Type.String({ maxLength: 64 })),
    user: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,14}$', description: 'Id of the user.' })),
    direction: Type.Optional(Direction),
    outcome: Type.Optional(Outcome),
    number: Type.Optional(Type.String({ maxLength: 64, description: 'Of either party, as given or E.164.' })),
    externalId: Type.Optional(Type.String({ maxLength: 256 })),
    state: Type.Optional(words(['open', 'ended', 'unfinished'], '')),
    limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,3}$', description: '1 to 500, default 50.' })),
    cursor: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);
export type ListQuery = Type.Static<typeof ListQuery>;

export const SummaryQuery = Type.Object(
  {
    startedFrom: Type.Optional(instant('Inclusive.')),
    startedTo: Type.Optional(instant('Exclusive.')),
    timeZone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA name; default the organisation’s.' })),
    by: Type.Optional(words(['quarter', 'hour', 'day', 'user', 'line', 'source', 'outcome'], 'Default day.')),
  },
  { additionalProperties: false },
);
export type SummaryQuery = Type.Static<typeof SummaryQuery>;

const sums = {
  calls: Type.Integer(),
  answered: Type.Integer(),
  missed: Type.Integer(),
  abandoned: Type.Integer(),
  talkSeconds: Type.Integer({ description: 'Of answered calls.' }),
};
export const Summary = Type.Object({
  rows: Type.Array(Type.Object({ key: Type.String(), ...sums })),
  totals: Type.Object(sums),
});

export const NodePage = Type.Object({
  items: Type.Array(
    Type.Object({
      number: Type.Integer({ description: 'A server that starts again has another one.' }),
      url: Type.Union([Type.String(), Type.Null()], {
        description: 'Where the other nodes reach it (NODE_URL); null when they cannot.',
      }),
      version: Type.String(),
      state: words(['alive', 'dead'], 'Dead: it has not been seen for some seconds. After a minute it is forgotten.'),
      startedAt: Type.String(),
      seenAt: Type.String(),
      works: Type.Array(Type.String(), { description: 'What one node at a time does, and this one does now.' }),
    }),
  ),
});

export const ProblemView = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), detail: Type.String() }))),
});
