/** The description of `/v1` for programs, and the page that people read it on. */
import swagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import type { DescribedServer } from '../dialect.ts';

export async function describeApi(scope: FastifyInstance, { version, publicUrl }: DescribedServer): Promise<void> {
  await scope.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Aftercall',
        version,
        description: 'What happens when a phone call ends: one durable, true call out of whatever was reported.',
      },
      ...(publicUrl === null ? {} : { servers: [{ url: publicUrl }] }),
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          login: { type: 'http', scheme: 'basic' },
        },
      },
      security: [{ token: [] }, { login: [] }],
    },
  });
  scope.get('/openapi.json', { schema: { hide: true } }, async () => scope.swagger());
  await scope.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      title: 'Aftercall API',
      url: '/v1/openapi.json',
      // Nothing on the page may lead out of the house.
      telemetry: false,
      withDefaultFonts: false,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  } as never);
}
