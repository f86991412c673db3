import type { FastifyInstance } from 'fastify';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { writeInstant } from './instants.ts';
import { operation } from './operation.ts';
import { NodePage } from './views.ts';

/** The servers of the organisation, for those who look after them. */
export function nodeRoutes(app: FastifyInstance, { gate, nodes }: NativeDoor): void {
  app.get(
    '/nodes',
    operation({
      operationId: 'listNodes',
      tag: 'operation',
      summary: 'The servers that share this database, and what each of them does',
      description: 'This server alone where the database is not shared.',
      answers: { 200: { description: 'The nodes.', schema: NodePage } },
    }),
    async request => {
      demand(gate, request.caller!, 'nodes.read');
      return {
        items: nodes().map(({ number, url, version, isAlive, startedAt, seenAt, jobs }) => ({
          number,
          url,
          version,
          state: isAlive ? 'alive' : 'dead',
          startedAt: writeInstant(startedAt),
          seenAt: writeInstant(seenAt),
          jobs: jobs,
        })),
      };
    },
  );
}
