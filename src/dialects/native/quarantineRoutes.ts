import type { FastifyInstance } from 'fastify';
import { UnknownSource } from '../../calls/accept.ts';
import { quarantine } from '../../calls/entities.ts';
import { acceptQuarantined } from '../../calls/quarantine.ts';
import { demand } from './access.ts';
import { answers, type NativeDoor, sourcesById } from './context.ts';
import { invalid, Problem } from './problem.ts';
import { renderQuarantined } from './render.ts';

const PAGE = 100;

export function quarantineRoutes(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;

  app.get<{ Querystring: { after?: string } }>(
    '/quarantine',
    {
      schema: {
        tags: ['quarantine'],
        summary: 'What arrived and was not understood, oldest first',
        querystring: { type: 'object', properties: { after: { type: 'string' } } },
        response: answers(null),
      },
    },
    async request => {
      demand(gate, request.caller!, 'quarantine.manage');
      const after = request.query.after ?? '0';
      if (!/^\d{1,15}$/.test(after)) throw invalid('after', 'must be an id');
      const rows = await ledger.reader.select({
        from: quarantine,
        where: [{ column: 'id', is: '>', value: Number(after) }],
        orderBy: [{ column: 'id' }],
        limit: PAGE,
      });
      const sources = sourcesById(ledger);
      return {
        items: rows.map(row => renderQuarantined(row, sources.get(row.sourceId))),
        next: rows.length < PAGE ? null : String(rows.at(-1)!.id),
      };
    },
  );

  app.post<{ Params: { id: string } }>(
    '/quarantine/:id/replay',
    {
      schema: {
        tags: ['quarantine'],
        summary: 'Read it again, with what the server and its sources know now',
        params: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
        response: answers(null),
      },
    },
    async request => {
      demand(gate, request.caller!, 'quarantine.manage');
      if (!/^\d{1,15}$/.test(request.params.id)) throw invalid('id', 'must be a whole number');
      const id = Number(request.params.id);
      const where = [{ column: 'id', is: '=', value: id }] as const;
      const [kept] = await ledger.reader.select({ from: quarantine, where, limit: 1 });
      if (kept === undefined) throw new Problem('not_found', `there is nothing in quarantine under ${id}`);
      if (kept.state === 'replayed') return { id, callId: kept.callId, verdict: 'repeated' };
      const from = sourcesById(ledger).get(kept.sourceId);
      if (from === undefined || !from.active) throw new Problem('conflict', 'its source is not active');
      const reread = door.reread(from, kept.raw, kept.contentType);
      if (typeof reread === 'string') throw new Problem('conflict', `it still cannot be understood: ${reread}`);
      try {
        const { callId, verdict } = await ledger.submit(acceptQuarantined(id, reread, door.calls));
        return { id, callId, verdict };
      } catch (error) {
        if (error instanceof UnknownSource) throw new Problem('conflict', error.message);
        throw error;
      }
    },
  );
}
