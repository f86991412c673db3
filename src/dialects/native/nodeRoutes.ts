import type { FastifyInstance } from 'fastify';
import { demand } from './access.ts';
import { answers, type NativeDoor } from './context.ts';
import { writeInstant } from './instants.ts';
import { NodePage } from './schemas.ts';

/** The servers of the organisation, for those who look after them. */
export function nodeRoutes(app: FastifyInstance, { gate, nodes }: NativeDoor): void {
  app.get(
    '/nodes',
    {
      schema: {
        tags: ['operation'],
        summary: 'The servers that share this database, and what each of them does',
        response: answers(NodePage),
      },
    },
    async request => {
      demand(gate, request.caller!, 'nodes.read');
      return {
        items: nodes().map(({ number, url, version, isAlive, startedAt, seenAt, works }) => ({
          number,
          url,
          version,
          state: isAlive ? 'alive' : 'dead',
          startedAt: writeInstant(startedAt),
          seenAt: writeInstant(seenAt),
          works,
        })),
      };
    },
  );
}
