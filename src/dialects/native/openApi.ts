/** The description of `/v1` (OpenAPI 3.1), made of its declared operations, and the page that shows it. */
import Fastify, { type FastifyInstance } from 'fastify';
import type Type from 'typebox';
import { type Answer, type Operation, problemsOf, TAGS } from './operation.ts';
import { PROBLEMS, type ProblemCode, typeOf } from './problem.ts';
import { Problem } from './views.ts';

export interface ApiDescription {
  readonly version: string;
  /** Where clients reach the server, when it is known. */
  readonly publicUrl: string | null;
}

interface Described {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Routes registered in this scope from now on must be declared by `operation`, or be hidden. */
export async function describeApi(scope: FastifyInstance, about: ApiDescription): Promise<void> {
  const described: Described[] = [];
  scope.addHook('onRoute', ({ method, url, config, schema }) => {
    if (method === 'HEAD' || (schema as { readonly hide?: boolean } | undefined)?.hide === true) return;
    const declared = config?.operation;
    if (declared === undefined) throw new Error(`${String(method)} ${url} is not declared: use operation()`);
    described.push({ method: String(method), path: url.replace(/:(\w+)/g, '{$1}'), operation: declared });
  });
  let document: object | null = null;
  const hidden = { schema: { hide: true } } as object;
  scope.get('/openapi.json', hidden, async () => {
    document ??= documentOf(described, about);
    return document;
  });
  let page: Promise<FastifyInstance> | null = null;
  for (const path of ['/docs/', '/docs/js/scalar.js']) {
    scope.get(path, hidden, async (request, reply) => {
      page ??= openPage(scope.prefix);
      const { routing } = await page;
      reply.hijack();
      routing(request.raw, reply.raw);
    });
  }
}

/** Megabytes of JavaScript for people who read it: loaded when the first of them asks, and not with every start. */
async function openPage(prefix: string): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const app = Fastify({ routerOptions: { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true } });
  const configuration = {
    title: 'Aftercall API',
    url: '/v1/openapi.json',
    // Nothing on the page may lead out of the house.
    telemetry: false,
    withDefaultFonts: false,
    showDeveloperTools: 'never',
    agent: { disabled: true },
    mcp: { disabled: true },
  } as const;
  await app.register(scope => scope.register(scalar, { routePrefix: '/docs', configuration }), { prefix });
  await app.ready();
  return app;
}

function documentOf(described: readonly Described[], { version, publicUrl }: ApiDescription): object {
  const parts = new Parts();
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path, operation } of described) {
    paths[path] ??= {};
    paths[path][method.toLowerCase()] = describeOperation(operation, method, parts);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Aftercall',
      version,
      description: 'What happens when a phone call ends: one durable, true call out of whatever was reported.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl ?? '/' }],
    security: [{ token: [] }, { login: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: parts.schemas,
      responses: parts.responses,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of the organisation.' },
        login: { type: 'http', scheme: 'basic', description: 'Login and password of a user.' },
      },
    },
  };
}

const CAN_BE_RETRIED: readonly ProblemCode[] = ['locked', 'unavailable'];
const RETRY_AFTER = { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } };

/** What is described once and referred to: schemas that have a `$id`, and the answers that say what the problem is. */
class Parts {
  readonly schemas: Record<string, unknown> = {};
  readonly responses: Record<string, unknown> = {};

  /** The schema as plain JSON, with references where it or a part of it has a name. */
  refer(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map(each => this.refer(each));
    if (typeof schema !== 'object' || schema === null) return schema;
    const { $id, ...rest } = schema as { readonly $id?: string };
    const plain = () => Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, this.refer(value)]));
    if ($id === undefined) return plain();
    this.schemas[$id] ??= plain();
    return { $ref: `#/components/schemas/${$id}` };
  }

  problems(codes: readonly ProblemCode[]): object {
    const name = codes.join('_or_');
    this.responses[name] ??= {
      description: codes.map(code => `\`${typeOf(code)}\`: ${PROBLEMS[code].meaning}`).join('\n\n'),
      ...(codes.some(code => CAN_BE_RETRIED.includes(code)) ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
      content: {
        'application/problem+json': {
          schema: this.refer(Problem),
          examples: Object.fromEntries(codes.map(code => [code, { value: problemExample(code) }])),
        },
      },
    };
    return { $ref: `#/components/responses/${name}` };
  }
}

function describeOperation(operation: Operation, method: string, to: Parts): object {
  const { operationId, tag, summary, description, params, query, headers, body, answers } = operation;
  const parameters = [
    ...parametersOf('path', params, to),
    ...parametersOf('query', query, to),
    ...Object.entries(headers ?? {}).map(([name, schema]) => parameter('header', name, schema, false, to)),
  ];
  const content = body === undefined ? null : { 'application/json': media(body, exampleOf(body), to) };
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(content === null ? {} : { requestBody: { required: true, content } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer, to)])),
      ...problemAnswers(problemsOf(operation, method), to),
    },
  };
}

const exampleOf = (schema: Type.TSchema): unknown => (schema as { readonly examples?: unknown[] }).examples?.[0];

const media = (schema: Type.TSchema, example: unknown, to: Parts) => ({
  schema: to.refer(schema),
  ...(example === undefined ? {} : { example }),
});

function answerOf({ description, schema, contentTypes = ['application/json'], example, headers }: Answer, to: Parts) {
  const shown = media(schema, example ?? exampleOf(schema), to);
  return {
    description,
    ...(headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).map(([name, each]) => [name, besideSchema(each, to)])) }),
    content: Object.fromEntries(contentTypes.map(each => [each, shown])),
  };
}

/** A description stands beside the schema of a parameter or header, not in it. */
function besideSchema(schema: Type.TSchema, to: Parts) {
  const { description, ...rest } = to.refer(schema) as { readonly description?: string };
  return { ...(description === undefined ? {} : { description }), schema: rest };
}

const parameter = (where: string, name: string, schema: Type.TSchema, required: boolean, to: Parts) => ({
  name,
  in: where,
  required,
  ...besideSchema(schema, to),
});

const parametersOf = (where: string, object: Type.TObject | undefined, to: Parts): object[] =>
  Object.entries(object?.properties ?? {}).map(([name, schema]) =>
    parameter(where, name, schema, object!.required?.includes(name) ?? false, to),
  );

/** Problems by status: several codes may share one. */
function problemAnswers(codes: readonly ProblemCode[], to: Parts): Record<string, object> {
  const byStatus = Map.groupBy(codes, code => PROBLEMS[code].status);
  return Object.fromEntries([...byStatus].map(([status, those]) => [status, to.problems(those)]));
}

const problemExample = (code: ProblemCode) => ({
  type: typeOf(code),
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  detail: PROBLEMS[code].meaning,
});
