import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { numberPlanOf } from '../../calls/fold/numberPlan.ts';
import { PARTIES } from '../../calls/fold/party.ts';
import { source } from '../../sources/entities.ts';
import { SOURCE_KEY } from '../../sources/rules.ts';
import { cleanText } from '../../values/text.ts';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { readInstant, writeInstant } from './instants.ts';
import { operation } from './operation.ts';
import { Problem } from './problem.ts';
import { NOT_BLANK, words } from './schemas.ts';

const Params = Type.Object({
  key: Type.String({ maxLength: SOURCE_KEY.max, description: 'The key of the source.' }),
});
const Query = Type.Object(
  {
    number: Type.String({ maxLength: 64, pattern: NOT_BLANK, description: 'As a report of the source would have it.' }),
    at: Type.Optional(Type.String({ maxLength: 40, description: 'When: who holds an extension changes. Now.' })),
  },
  { additionalProperties: false },
);

const NumberMeaning = Type.Object(
  {
    number: Type.String(),
    at: Type.String({ format: 'date-time' }),
    party: words([...PARTIES], 'What the number reaches.'),
    by: Type.Union([words(['holder', 'configured', 'roster', 'defaultPlan'], 'What says so.'), Type.Null()], {
      description: 'What says so. Null: nothing does, and the number itself decides.',
    }),
    userId: Type.Union([Type.Integer(), Type.Null()], { description: 'Who holds it.' }),
    e164: Type.Union([Type.String(), Type.Null()], {
      description: 'Dialled from inside, with the outside prefix; null for what is inside or no whole number.',
    }),
  },
  {
    $id: 'NumberMeaning',
    examples: [
      {
        number: '6400',
        at: '2026-03-02T10:00:00Z',
        party: 'queue',
        by: 'defaultPlan',
        userId: null,
        e164: null,
      },
    ],
  },
);

/** The number plan of a source, tried on one number. */
export function planRoute(app: FastifyInstance, { ledger, gate, calls, clock }: NativeDoor): void {
  app.get<{ Params: { key: string }; Querystring: { number: string; at?: string } }>(
    '/sources/:key/plan',
    operation({
      operationId: 'readNumber',
      tag: 'organisation',
      summary: 'What a number of a source is',
      description: 'And what says so: who holds it, `numbers` of the source, or the plan its kind is delivered with.',
      params: Params,
      query: Query,
      answers: { 200: { description: 'What the number is.', schema: NumberMeaning } },
      problems: ['not_found'],
    }),
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      const { directory } = ledger;
      const { key } = request.params;
      const from = directory.find(source, 'byKey', key)[0];
      if (from === undefined) throw new Problem('not_found', `there is no source ${key}`);
      const number = cleanText(request.query.number);
      const at = request.query.at === undefined ? clock() : readInstant(request.query.at, 'at');
      const plan = numberPlanOf(from, calls.sources);
      const { party, by, userId } = plan.meaningOf(number, at, (extension, of, when) =>
        calls.holderOf(directory, extension, of, when),
      );
      const e164 = by === 'holder' ? null : plan.e164(number, true);
      return { number, at: writeInstant(at), party, by, userId, e164 };
    },
  );
}
