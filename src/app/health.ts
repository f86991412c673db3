import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Ledger } from '../ledger/ledger.ts';

/** Longer than another server that has stopped in the middle of a batch holds everybody up. */
const SLOW_STORING_MS = 6_000;

export interface Watched {
  readonly ledger: Ledger;
  readonly registry: Registry;
  readonly isStopping: () => boolean;
  /** Runs of `aftercall refold` that were cut short: none begins or ends while a server runs. */
  readonly interruptedRefolds?: readonly number[];
}

/** What load balancers and monitoring ask. */
export function healthRoutes(app: FastifyInstance, watched: Watched): void {
  const { ledger, registry, isStopping, interruptedRefolds = [] } = watched;
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (isStopping()) return reply.status(503).send({ status: 'stopping' });
    if (ledger.storageFault) return reply.status(503).send({ status: 'nothing can be stored' });
    if (ledger.storingMs > SLOW_STORING_MS) return reply.status(503).send({ status: 'storing takes too long' });
    const more = interruptedRefolds.length === 0 ? {} : { interruptedRefolds };
    return { status: 'ready', position: ledger.position, ...more };
  });
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  app.get('/', async (_request, reply) => reply.redirect('/v1/docs'));
}
