import type { FastifyInstance } from 'fastify';
import { quarantine } from '../../calls/entities.ts';
import { UnknownSource } from '../../calls/reports/accept.ts';
import { acceptQuarantined } from '../../calls/reports/quarantine.ts';
import { demand } from './access.ts';
import { type NativeDoor, sourcesById } from './context.ts';
import { operation } from './operation.ts';
import { Problem } from './problem.ts';
import { renderQuarantined } from './render.ts';
import { AfterQuery, IdParams } from './schemas.ts';
import { QuarantinePage, Replay } from './views.ts';

const PAGE = 100;

export function quarantineRoutes(app: FastifyInstance, door: NativeDoor): void {
  listRoute(app, door);
  replayRoute(app, door);
}

function listRoute(app: FastifyInstance, { ledger, gate }: NativeDoor): void {
  app.get<{ Querystring: AfterQuery }>(
    '/quarantine',
    operation({
      operationId: 'listQuarantine',
      tag: 'quarantine',
      summary: 'What arrived and was not understood, oldest first',
      description: `${PAGE} entries in one page; what was replayed stays listed.`,
      query: AfterQuery,
      answers: { 200: { description: 'A page of entries.', schema: QuarantinePage } },
    }),
    async request => {
      demand(gate, request.caller!, 'quarantine.manage');
      const rows = await ledger.reader.select({
        from: quarantine,
        where: [{ column: 'id', is: '>', value: request.query.after ?? 0 }],
        orderBy: [{ column: 'id' }],
        limit: PAGE,
      });
      const sources = sourcesById(ledger);
      return {
        items: rows.map(row => renderQuarantined(row, sources.get(row.sourceId))),
        next: rows.length < PAGE ? null : rows.at(-1)!.id,
      };
    },
  );
}

function replayRoute(app: FastifyInstance, door: NativeDoor): void {
  app.post<{ Params: { id: number } }>(
    '/quarantine/:id/replay',
    operation({
      operationId: 'replayQuarantined',
      tag: 'quarantine',
      summary: 'Read an entry again, with what the server and its sources know now',
      description: 'What is understood becomes a report. Replaying again changes nothing.',
      params: IdParams,
      answers: { 200: { description: 'It was understood.', schema: Replay } },
      problems: ['not_found', 'conflict'],
    }),
    async request => {
      demand(door.gate, request.caller!, 'quarantine.manage');
      return replay(door, request.params.id);
    },
  );
}

async function replay({ ledger, reread, calls }: NativeDoor, id: number): Promise<object> {
  const where = [{ column: 'id', is: '=', value: id }] as const;
  const [kept] = await ledger.reader.select({ from: quarantine, where, limit: 1 });
  if (kept === undefined) throw new Problem('not_found', `there is nothing in quarantine under ${id}`);
  if (kept.state === 'replayed') return { id, callId: kept.callId, verdict: 'repeated' };
  const from = sourcesById(ledger).get(kept.sourceId);
  if (from === undefined || !from.active) throw new Problem('conflict', 'its source is not active');
  const read = reread(from, kept.raw, kept.contentType);
  if (typeof read === 'string') throw new Problem('conflict', `it still cannot be understood: ${read}`);
  try {
    const { callId, verdict } = await ledger.submit(acceptQuarantined(id, read, calls));
    return { id, callId, verdict };
  } catch (error) {
    if (error instanceof UnknownSource) throw new Problem('conflict', error.message);
    throw error;
  }
}
