/**
 * The peer of the write path: a bare Fastify that answers what it was sent, parsed and written again, and does nothing
 * else. Run by the bench in a process of its own; prints the line the server prints.
 */
import fastify from 'fastify';

const app = fastify();
for (const path of ['/yeastar/:source', '/rest/:user/:code/:method', '/api/v2/me/outbound-records/:handle']) {
  app.post(path, async request => request.body);
}
const address = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 0) });
process.stdout.write(`Echo listens on ${address}\n`);
process.once('SIGTERM', () => {
  void app.close().then(() => process.exit(0));
});
