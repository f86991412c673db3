/** An operation of `/v1` as it is declared: what a client must know to call it, and what the door checks of a request. */
import type Type from 'typebox';
import type { ProblemCode } from './problem.ts';

export interface Answer {
  /** When it is answered. */
  readonly description: string;
  /** A schema with a `$id` is described once, under that name, and referred to. */
  readonly schema: Type.TSchema;
  readonly contentTypes?: readonly string[];
  /** Without it, the one of the schema. */
  readonly example?: unknown;
  readonly headers?: Readonly<Record<string, Type.TSchema>>;
}

export interface Operation {
  /** A verb and what it is done to, unique: `listCalls`. Generated clients name their functions so. */
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  /** Integers arrive as digits, and reach the route as numbers. */
  readonly params?: Type.TObject;
  readonly query?: Type.TObject;
  /** Described only: the route reads them. */
  readonly headers?: Readonly<Record<string, Type.TSchema>>;
  readonly body?: Type.TSchema;
  /** What is answered when all is well, by status. Answers leave as they are, whatever their schema says. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Problems of its own, beside those that every operation of its kind can answer with. */
  readonly problems?: readonly ProblemCode[];
}

export const TAGS = {
  calls: 'Calls: reported, listed, corrected, joined and split.',
  clients: 'Contacts, leads and companies, and messages about their calls.',
  campaigns: 'Dialling records.',
  statistics: 'Counts of calls.',
  events: 'What happens, as it happens.',
  quarantine: 'Reports that could not be understood.',
  organisation: 'Users, tokens, sources, webhooks and campaigns.',
  operation: 'The servers themselves.',
} as const;
export type Tag = keyof typeof TAGS;

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
  }
}

/** The options of a route. A door that describes itself takes no route without. */
export function operation(declared: Operation) {
  const { params, query, body } = declared;
  return {
    config: { operation: declared },
    schema: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
    },
  };
}

const EVERYWHERE: readonly ProblemCode[] = ['unauthenticated', 'forbidden', 'locked', 'failed', 'unavailable'];
const WITH_INPUT: readonly ProblemCode[] = ['invalid'];
/** A body may come with any method but GET, whether or not one is expected. */
const WITH_BODY: readonly ProblemCode[] = ['invalid', 'too_large', 'unsupported'];

/** Every problem the operation can answer with. */
export function problemsOf({ params, query, headers, problems = [] }: Operation, method: string): ProblemCode[] {
  const hasInput = [params, query, headers].some(each => each !== undefined);
  const codes = [...EVERYWHERE, ...(hasInput ? WITH_INPUT : []), ...(method === 'GET' ? [] : WITH_BODY), ...problems];
  return [...new Set(codes)];
}
