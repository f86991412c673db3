import type { FastifyInstance } from 'fastify';
import { summary } from '../../statistics/queries/summary.ts';
import { isTimeZone } from '../../values/zonedTime.ts';
import { demand } from './access.ts';
import { type NativeDoor, sourcesById } from './context.ts';
import { readInstant, writeInstant } from './instants.ts';
import { operation } from './operation.ts';
import { invalid } from './problem.ts';
import { SummaryQuery } from './schemas.ts';
import { Statistics } from './views.ts';

export function statisticsRoutes(app: FastifyInstance, door: NativeDoor): void {
  app.get<{ Querystring: SummaryQuery }>(
    '/statistics/summary',
    operation({
      operationId: 'summarizeCalls',
      tag: 'statistics',
      summary: 'Count ended calls',
      description: 'By when they started, and grouped by one property.',
      query: SummaryQuery,
      answers: { 200: { description: 'The counts.', schema: Statistics } },
    }),
    async request => {
      demand(door.gate, request.caller!, 'statistics.read');
      const { by = 'day', timeZone = door.timeZone() } = request.query;
      if (!isTimeZone(timeZone)) throw invalid('timeZone', 'must be an IANA time zone, such as Europe/Berlin');
      const startedFrom =
        request.query.startedFrom === undefined ? null : readInstant(request.query.startedFrom, 'startedFrom');
      const startedTo =
        request.query.startedTo === undefined ? null : readInstant(request.query.startedTo, 'startedTo');
      if (startedFrom !== null && startedTo !== null && startedTo <= startedFrom) {
        throw invalid('startedTo', 'must be after startedFrom');
      }
      const question = { by, startedFrom, startedTo, timeZone, dayZone: door.dayZone() };
      const { rows, totals } = await summary(door.ledger.reader, door.countable, question);
      const sources = sourcesById(door.ledger);
      const keyOf = (key: string): string => {
        if (by === 'quarter' || by === 'hour') return writeInstant(Number(key));
        return by === 'source' ? (sources.get(Number(key))?.key ?? key) : key;
      };
      const named = rows.map(row => ({ ...row, key: keyOf(row.key) }));
      // They came in the order of the sources' ids, which nobody sees.
      return { rows: by === 'source' ? named.sort((a, b) => (a.key < b.key ? -1 : 1)) : named, totals };
    },
  );
}
