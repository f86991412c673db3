import type { FastifyInstance } from 'fastify';
import { NoSuchCall } from '../../calls/corrections.ts';
import { doubt } from '../../calls/entities.ts';
import { ImpossibleJudgement, joinCalls, keepApart, splitCall } from '../../calls/judge.ts';
import { blankToNull, cleanText } from '../../values/text.ts';
import { demand } from './access.ts';
import { answers, type NativeDoor } from './context.ts';
import { IdParams, readId } from './ids.ts';
import { writeInstant } from './instants.ts';
import { invalid, Problem } from './problem.ts';
import { NewJoin, NewSplit } from './schemas.ts';

const PAGE = 500;

/** A person's word on which calls are one (design section 2, One call, several reporters). */
export function judgementRoutes(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  dismissRoute(app, door);

  app.post<{ Params: { id: string }; Body: NewJoin }>(
    '/calls/:id/join',
    {
      schema: {
        tags: ['calls'],
        summary: 'Make two calls one',
        description:
          'The older id stays; the other one leads there. Wins over what the server finds, and can be split again.',
        params: IdParams,
        body: NewJoin,
        response: answers(null),
      },
    },
    async request => {
      demand(gate, request.caller!, 'calls.correct');
      const id = readId(request.params.id, 'id');
      const saying = { author: request.caller!.name, contentType: 'application/json', raw: request.rawBody! };
      const command = joinCalls(id, request.body.with, reasonOf(request.body.reason), saying, door.calls);
      return { id: await asProblem(ledger.submit(command)) };
    },
  );

  app.post<{ Params: { id: string }; Body: NewSplit }>(
    '/calls/:id/split',
    {
      schema: {
        tags: ['calls'],
        summary: 'Make two calls of one',
        description: 'Answers with the id of what was taken out. The parts are never joined by the server again.',
        params: IdParams,
        body: NewSplit,
        response: answers(null),
      },
    },
    async request => {
      demand(gate, request.caller!, 'calls.correct');
      const id = readId(request.params.id, 'id');
      const saying = { author: request.caller!.name, contentType: 'application/json', raw: request.rawBody! };
      const command = splitCall(id, request.body.calls ?? null, reasonOf(request.body.reason), saying, door.calls);
      return { id: await asProblem(ledger.submit(command)) };
    },
  );

  app.get<{ Querystring: { after?: string } }>(
    '/doubts',
    {
      schema: {
        tags: ['calls'],
        summary: 'Calls that may be one, found after one of them had settled; join or split them',
        querystring: { type: 'object', properties: { after: { type: 'string' } } },
        response: answers(null),
      },
    },
    async request => {
      demand(gate, request.caller!, 'calls.correct');
      const after = request.query.after === undefined ? 0 : readId(request.query.after, 'after');
      const rows = await ledger.reader.select({
        from: doubt,
        where: [{ column: 'id', is: '>', value: after }],
        orderBy: [{ column: 'id' }],
        limit: PAGE,
      });
      const items = rows.map(({ id, withId, at }) => ({ call: id, with: withId, at: writeInstant(at) }));
      return { items, next: rows.length < PAGE ? null : String(rows.at(-1)!.id) };
    },
  );
}

function dismissRoute(app: FastifyInstance, door: NativeDoor): void {
  app.delete<{ Params: { id: string; with: string } }>(
    '/doubts/:id/:with',
    {
      schema: {
        tags: ['calls'],
        summary: 'Say that two calls that look like one are two',
        params: DoubtParams,
        response: answers(null),
      },
    },
    async request => {
      demand(door.gate, request.caller!, 'calls.correct');
      const [id, withId] = [readId(request.params.id, 'id'), readId(request.params.with, 'with')];
      const saying = { author: request.caller!.name, contentType: null, raw: Buffer.alloc(0) };
      await asProblem(door.ledger.submit(keepApart(id, withId, saying)));
      return { id, with: withId };
    },
  );
}

const DoubtParams = {
  type: 'object',
  properties: { id: { type: 'string' }, with: { type: 'string' } },
  required: ['id', 'with'],
} as const;

const reasonOf = (text: string | null | undefined): string | null => blankToNull(cleanText(text ?? ''));

async function asProblem<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NoSuchCall) throw new Problem('not_found', error.message);
    if (error instanceof ImpossibleJudgement) throw invalid(error.field, error.message);
    throw error;
  }
}
