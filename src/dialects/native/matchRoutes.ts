import type { FastifyInstance } from 'fastify';
import { ImpossibleDecision, joinCalls, keepApart, splitCall } from '../../calls/matching/decide.ts';
import { possibleMatches } from '../../calls/queries/possibleMatches.ts';
import { NoSuchCall } from '../../calls/reports/corrections.ts';
import { blankToNull, cleanText } from '../../values/text.ts';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { writeInstant } from './instants.ts';
import { operation } from './operation.ts';
import { invalid, Problem } from './problem.ts';
import { AfterQuery, IdParams, NewJoin, NewSplit, PossibleMatchParams } from './schemas.ts';
import { DismissedMatch, JoinedCall, PossibleMatchPage } from './views.ts';

const PAGE = 500;

/** Decisions of people on which calls are one (ARCHITECTURE.md, "One call, several reporters"). */
export function matchRoutes(app: FastifyInstance, door: NativeDoor): void {
  joinRoute(app, door);
  splitRoute(app, door);
  listRoute(app, door);
  dismissRoute(app, door);
}

function joinRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.post<{ Params: { id: number }; Body: NewJoin }>(
    '/calls/:id/join',
    operation({
      operationId: 'joinCalls',
      tag: 'calls',
      summary: 'Make two calls one',
      description:
        'The older id stays; the other one leads there. Wins over what the server finds, and can be split again.',
      params: IdParams,
      body: NewJoin,
      answers: { 200: { description: 'They are one.', schema: JoinedCall } },
      problems: ['not_found'],
    }),
    async request => {
      demand(gate, request.caller!, 'calls.correct');
      const { id } = request.params;
      const saying = {
        kind: 'native.joined',
        author: request.caller!.name,
        contentType: 'application/json',
        raw: request.rawBody!,
      };
      const command = joinCalls(id, request.body.with, reasonOf(request.body.reason), saying, door.calls);
      return { id: await asProblem(ledger.submit(command)) };
    },
  );
}

function splitRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.post<{ Params: { id: number }; Body: NewSplit }>(
    '/calls/:id/split',
    operation({
      operationId: 'splitCall',
      tag: 'calls',
      summary: 'Make two calls of one',
      description: 'Answers with the id of what was taken out. The parts are never joined by the server again.',
      params: IdParams,
      body: NewSplit,
      answers: { 200: { description: 'They are two.', schema: JoinedCall } },
      problems: ['not_found'],
    }),
    async request => {
      demand(gate, request.caller!, 'calls.correct');
      const { id } = request.params;
      const saying = {
        kind: 'native.separated',
        author: request.caller!.name,
        contentType: 'application/json',
        raw: request.rawBody!,
      };
      const command = splitCall(id, request.body.calls ?? null, reasonOf(request.body.reason), saying, door.calls);
      return { id: await asProblem(ledger.submit(command)) };
    },
  );
}

function listRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.get<{ Querystring: AfterQuery }>(
    '/possible-matches',
    operation({
      operationId: 'listPossibleMatches',
      tag: 'calls',
      summary: 'Calls that may be one, found when both had settled',
      description: `For a person to decide: join them, or dismiss the match. Two calls are listed once. Up to ${PAGE} in one page.`,
      query: AfterQuery,
      answers: { 200: { description: 'A page of possible matches.', schema: PossibleMatchPage } },
    }),
    async request => {
      demand(gate, request.caller!, 'calls.correct');
      const { after = 0 } = request.query;
      const { items, next } = await possibleMatches(ledger.reader, after, PAGE);
      return { items: items.map(each => ({ ...each, at: writeInstant(each.at) })), next };
    },
  );
}

function dismissRoute(app: FastifyInstance, door: NativeDoor): void {
  app.delete<{ Params: { callId: number; otherCallId: number } }>(
    '/possible-matches/:callId/:otherCallId',
    operation({
      operationId: 'dismissPossibleMatch',
      tag: 'calls',
      summary: 'Decide that two calls that look like one are two',
      description: 'They are not listed as a possible match any more, nor joined automatically.',
      params: PossibleMatchParams,
      answers: { 200: { description: 'They are two.', schema: DismissedMatch } },
      problems: ['not_found'],
    }),
    async request => {
      demand(door.gate, request.caller!, 'calls.correct');
      const { callId, otherCallId } = request.params;
      const saying = {
        kind: 'native.separated',
        author: request.caller!.name,
        contentType: null,
        raw: Buffer.alloc(0),
      };
      await asProblem(door.ledger.submit(keepApart(callId, otherCallId, saying)), 'otherCallId');
      return { callId, otherCallId };
    },
  );
}

const reasonOf = (text: string | null | undefined): string | null => blankToNull(cleanText(text ?? ''));

/** `other`: where the request names the other call. */
async function asProblem<T>(answer: Promise<T>, other = 'with'): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NoSuchCall) throw new Problem('not_found', error.message);
    if (error instanceof ImpossibleDecision) throw invalid(error.field === 'with' ? other : error.field, error.message);
    throw error;
  }
}
