/** What the organisation is made of, read and changed over `/v1`: five resources that are asked for in one way. */
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import Type, { type TSchema } from 'typebox';
import { organisationChanged } from '../../config/events.ts';
import type { Directory } from '../../ledger/directory.ts';
import { Refusal, type State } from '../../ledger/state.ts';
import { compareValues } from '../../ledger/table.ts';
import { PeopleRefusal } from '../../people/refusals.ts';
import type { TextLimits } from '../../people/rules.ts';
import { isValidCountry } from '../../values/phone.ts';
import { cleanText } from '../../values/text.ts';
import { isTimeZone } from '../../values/zonedTime.ts';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { operation } from './operation.ts';
import { invalid, Problem } from './problem.ts';

export interface AdministeredRow {
  readonly active: boolean;
}

export interface Put {
  /** In the command. */
  readonly change: (state: State) => void;
  /** Shown in the answer of this request and never again. */
  readonly shownOnce?: Readonly<Record<string, string>>;
  /** Once it is stored. */
  readonly after?: () => void;
}

/** One kind of thing. `Ref` is what its address names it by. */
export interface Resource<Row extends AdministeredRow, Ref extends number | string, Body> {
  /** `user`. */
  readonly name: string;
  /** `users`. */
  readonly plural: string;
  /** What the address names it by: `id`. */
  readonly parameter: string;
  readonly about: { readonly list: string; readonly put: string; readonly drop: string };
  readonly view: TSchema;
  readonly body: TSchema;
  /** What the address names it by, as it is described. */
  readonly reference: TSchema;
  readonly readRef: (given: Ref) => Ref;
  readonly refOf: (row: Readonly<Row>) => Ref;
  readonly all: (directory: Directory) => readonly Readonly<Row>[];
  readonly find: (directory: Pick<Directory, 'get' | 'find'>, ref: Ref) => Readonly<Row> | undefined;
  readonly render: (row: Readonly<Row>, directory: Pick<Directory, 'get' | 'find' | 'all'>) => object;
  readonly put: (ref: Ref, body: Body, before: Readonly<Row> | undefined) => Promise<Put> | Put;
  readonly drop: (state: State, ref: Ref) => void;
}

const ROW_BYTES = 3_000;
const PAGE = 500;

export function administrationRoutes<Row extends AdministeredRow, Ref extends number | string, Body>(
  app: FastifyInstance,
  { ledger, gate }: NativeDoor,
  resource: Resource<Row, Ref, Body>,
): void {
  const { name, plural, parameter, about, view, body } = resource;
  const { directory } = ledger;
  const title = name[0]!.toUpperCase() + name.slice(1);
  const tag = 'organisation';
  const one = `/${plural}/:${parameter}`;
  const params = Type.Object({ [parameter]: resource.reference });
  const asked = (request: { readonly params: unknown }): Ref =>
    resource.readRef((request.params as Record<string, Ref>)[parameter]!);
  const demandRow = (ref: Ref): Readonly<Row> => {
    const row = resource.find(directory, ref);
    if (row === undefined) throw new Problem('not_found', `there is no ${name} ${ref}`);
    return row;
  };
  const submit = (ref: Ref, change: (state: State) => void) => {
    const look = (state: State): Seen | null => {
      const row = resource.find(state, ref);
      return row === undefined ? null : { row, shown: resource.render(row, state) };
    };
    return asProblem(
      ledger.submit({ name: `change ${name}`, bytes: ROW_BYTES, apply: state => note(state, look, change) }),
    );
  };

  app.get<{ Querystring: { after?: Ref } }>(
    `/${plural}`,
    operation({
      operationId: `list${title}s`,
      tag,
      summary: `The ${plural} of the organisation`,
      description: `${about.list} In the order of their ${parameter}, ${PAGE} at a time. For administrators.`,
      query: afterQuery(resource.reference),
      answers: { 200: { description: `A page of ${plural}.`, schema: pageOf(title, view) } },
    }),
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      const { after } = request.query;
      const rows = resource.all(directory).toSorted((a, b) => compareValues(resource.refOf(a), resource.refOf(b)));
      const from = after === undefined ? 0 : beginAfter(rows.map(resource.refOf), resource.readRef(after));
      const page = rows.slice(from, from + PAGE);
      const next = from + PAGE < rows.length ? String(resource.refOf(page.at(-1)!)) : null;
      return { items: page.map(each => resource.render(each, directory)), next };
    },
  );

  app.get(
    one,
    operation({
      operationId: `get${title}`,
      tag,
      summary: `One ${name}`,
      description: `${about.list} Secrets are never shown. For administrators.`,
      params,
      answers: { 200: { description: `The ${name}.`, schema: view } },
      problems: ['not_found'],
    }),
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      return resource.render(demandRow(asked(request)), directory);
    },
  );

  app.put(
    one,
    operation({
      operationId: `put${title}`,
      tag,
      summary: `Create or replace a ${name}`,
      description: `${about.put} What is left out becomes what it is for a new one, but for secrets, which stay as they are. ${MANAGED}`,
      params,
      body,
      answers: {
        200: { description: `The ${name}, which was there before.`, schema: view },
        201: {
          description: `The ${name}, which is new.`,
          schema: view,
          headers: { Location: Type.String({ description: 'Its address.' }) },
        },
      },
      problems: ['conflict'],
    }),
    async (request, reply) => {
      demand(gate, request.caller!, 'organisation.manage');
      const ref = asked(request);
      const before = resource.find(directory, ref);
      const { change, shownOnce = {}, after } = await resource.put(ref, request.body as Body, before);
      await submit(ref, change);
      after?.();
      const row = demandRow(ref);
      if (before === undefined) reply.header('location', `/v1/${plural}/${encodeURIComponent(ref)}`);
      return reply.status(before === undefined ? 201 : 200).send({ ...resource.render(row, directory), ...shownOnce });
    },
  );

  app.delete(
    one,
    operation({
      operationId: `deactivate${title}`,
      tag,
      summary: `Deactivate a ${name}`,
      description: `${about.drop} The answer shows it as it is then. ${MANAGED}`,
      params,
      answers: { 200: { description: `The ${name}, which is not active.`, schema: view } },
      problems: ['not_found', 'conflict'],
    }),
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      const ref = asked(request);
      demandRow(ref);
      await submit(ref, state => resource.drop(state, ref));
      return resource.render(demandRow(ref), directory);
    },
  );
}

const MANAGED =
  'What the organisation file says is changed there: 409. The same request again changes nothing. For administrators.';

const afterQuery = (reference: TSchema) =>
  Type.Object(
    { after: Type.Optional({ ...reference, description: 'The `next` of the page before.' }) },
    { additionalProperties: false },
  );

const pageOf = (title: string, view: TSchema) =>
  Type.Object(
    {
      items: Type.Array(view),
      next: Type.Union([Type.String(), Type.Null()], { description: 'What to send as `after`; null at the end.' }),
    },
    {
      $id: `${title}Page`,
      examples: [{ items: (view as { readonly examples?: unknown[] }).examples ?? [], next: null }],
    },
  );

const beginAfter = (refs: readonly (number | string)[], after: number | string): number =>
  refs.findLastIndex(each => compareValues(each, after) <= 0) + 1;

interface Seen {
  readonly row: AdministeredRow;
  readonly shown: object;
}

/** Changes one thing, and tells those who follow the events when it became different. */
function note(state: State, look: (state: State) => Seen | null, change: (state: State) => void): void {
  const before = look(state);
  change(state);
  const after = look(state);
  if (isDeepStrictEqual(before, after)) return;
  const was = before?.row.active ?? null;
  const is = after?.row.active ?? false;
  state.journal(organisationChanged, {
    created: Number(was === null),
    changed: Number(was === is),
    disabled: Number(was === true && !is),
    enabled: Number(was === false && is),
  });
}

/** What the rooms refuse, whoever wants it, in the words of this door. */
async function asProblem<T>(submitted: Promise<T>): Promise<T> {
  try {
    return await submitted;
  } catch (error) {
    if (error instanceof PeopleRefusal && error.problem === 'unknownUser') throw invalid('userId', 'must be a user');
    if (error instanceof Refusal) throw new Problem('conflict', error.message);
    throw error;
  }
}

/** Text of a body or an address as the organisation file takes it too. */
export function readText(text: string, field: string, { max, pattern, meaning }: TextLimits): string {
  if (text.trim() === '') throw invalid(field, 'must not be empty');
  if (text.length > max) throw invalid(field, `must not be longer than ${max} characters`);
  if (cleanText(text) !== text || /\p{Cc}/u.test(text)) throw invalid(field, 'must not hold control characters');
  if (pattern !== undefined && !pattern.test(text)) throw invalid(field, `must be ${meaning ?? 'written otherwise'}`);
  return text;
}

export function readTimeZone(text: string): string {
  if (!isTimeZone(text)) throw invalid('timeZone', 'must be the name of a time zone, as in "Europe/Berlin"');
  return text;
}

export function readCountry(text: string): string {
  if (!isValidCountry(text)) throw invalid('country', 'must be a country’s two letters, as in "DE"');
  return text;
}

/** What all five resources say of themselves. */
export const stateOfRow = {
  active: Type.Boolean({ description: 'What is not active opens nothing and takes nothing; what it has done stays.' }),
  managedBy: Type.Enum(['file', 'api', 'server'], {
    description:
      'file: the organisation file says it, and it is changed there. api: it is changed here. server: the server has made it.',
  }),
};
