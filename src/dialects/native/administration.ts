/** What the organisation is made of, read and changed over `/v1`: five resources that are asked for in one way. */
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import Type, { type TSchema } from 'typebox';
import { organisationChanged } from '../../config/events.ts';
import type { Directory } from '../../ledger/directory.ts';
import { Refusal, type State } from '../../ledger/state.ts';
import { compareValues } from '../../ledger/table.ts';
import { PeopleRefusal } from '../../people/refusals.ts';
import { SourceRefusal } from '../../sources/changeSources.ts';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { operation } from './operation.ts';
import { invalid, Problem } from './problem.ts';

export interface AdministeredRow {
  readonly active: boolean;
}

/** `before` is what the command finds. */
export interface Put<Row> {
  readonly change: (state: State, before: Readonly<Row> | undefined) => void;
  /** What is shown in the answer of this request and never again. */
  readonly shownOnce?: (before: Readonly<Row> | undefined) => object;
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
  readonly render: (row: Readonly<Row>, directory: Directory, now: number) => object;
  readonly put: (ref: Ref, body: Body, before: Readonly<Row> | undefined) => Promise<Put<Row>> | Put<Row>;
  readonly drop: (state: State, ref: Ref) => void;
}

const ROW_BYTES = 3_000;
const PAGE = 500;

export function administrationRoutes<Row extends AdministeredRow, Ref extends number | string, Body>(
  app: FastifyInstance,
  door: NativeDoor,
  resource: Resource<Row, Ref, Body>,
): void {
  listRoute(app, door, resource);
  readRoute(app, door, resource);
  putRoute(app, door, resource);
  deactivateRoute(app, door, resource);
}

type AnyResource<Row extends AdministeredRow, Ref extends number | string> = Resource<Row, Ref, never>;

const TAG = 'organisation';
const titleOf = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

/** The address of one, and what names it there. */
function addressOf<Row extends AdministeredRow, Ref extends number | string>(resource: AnyResource<Row, Ref>) {
  const { plural, parameter } = resource;
  return {
    path: `/${plural}/:${parameter}`,
    params: Type.Object({ [parameter]: resource.reference }),
    refOf: (request: { readonly params: unknown }): Ref =>
      resource.readRef((request.params as Record<string, Ref>)[parameter]!),
  };
}

class NoSuchRow extends Refusal {
  override readonly name = 'NoSuchRow';
}

const noSuch = ({ name }: { readonly name: string }, ref: number | string): string => `there is no ${name} ${ref}`;

function demandRow<Row extends AdministeredRow, Ref extends number | string>(
  resource: AnyResource<Row, Ref>,
  directory: Directory,
  ref: Ref,
): Readonly<Row> {
  const row = resource.find(directory, ref);
  if (row === undefined) throw new Problem('not_found', noSuch(resource, ref));
  return row;
}

function listRoute<Row extends AdministeredRow, Ref extends number | string>(
  app: FastifyInstance,
  { ledger: { directory }, gate, clock }: NativeDoor,
  resource: AnyResource<Row, Ref>,
): void {
  const { name, plural, parameter, about, view } = resource;
  app.get<{ Querystring: { after?: Ref } }>(
    `/${plural}`,
    operation({
      operationId: `list${titleOf(plural)}`,
      tag: TAG,
      summary: `The ${plural} of the organisation`,
      description: `${about.list} In the order of their ${parameter}, ${PAGE} at a time. For administrators.`,
      query: afterQuery(resource.reference),
      answers: {
        200: { description: `A page of ${plural}.`, schema: pageOf(titleOf(name), view, resource.reference) },
      },
    }),
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      const { after } = request.query;
      const rows = resource.all(directory).toSorted((a, b) => compareValues(resource.refOf(a), resource.refOf(b)));
      const from = after === undefined ? 0 : beginAfter(rows.map(resource.refOf), resource.readRef(after));
      const page = rows.slice(from, from + PAGE);
      const next = from + PAGE < rows.length ? resource.refOf(page.at(-1)!) : null;
      return { items: page.map(each => resource.render(each, directory, clock())), next };
    },
  );
}

function readRoute<Row extends AdministeredRow, Ref extends number | string>(
  app: FastifyInstance,
  { ledger: { directory }, gate, clock }: NativeDoor,
  resource: AnyResource<Row, Ref>,
): void {
  const { name, about, view } = resource;
  const { path, params, refOf } = addressOf(resource);
  app.get(
    path,
    operation({
      operationId: `get${titleOf(name)}`,
      tag: TAG,
      summary: `One ${name}`,
      description: `${about.list} Secrets are never shown. For administrators.`,
      params,
      answers: { 200: { description: `The ${name}.`, schema: view } },
      problems: ['not_found'],
    }),
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      return resource.render(demandRow(resource, directory, refOf(request)), directory, clock());
    },
  );
}

/** Changes one thing, and answers what it is then, and what the change itself gives back. */
function changerOf<Row extends AdministeredRow, Ref extends number | string>(
  { ledger, clock }: NativeDoor,
  resource: AnyResource<Row, Ref>,
): <T>(ref: Ref, change: (state: State) => T) => Promise<{ readonly shown: object; readonly result: T }> {
  const { directory } = ledger;
  return async (ref, change) => {
    const look = (state: State): Seen | null => {
      const row = resource.find(state, ref);
      return row === undefined ? null : { row, shown: resource.render(row, state, state.now) };
    };
    const apply = (state: State) => note(state, look, change);
    const result = await asProblem(ledger.submit({ name: `change ${resource.name}`, bytes: ROW_BYTES, apply }));
    return { shown: resource.render(demandRow(resource, directory, ref), directory, clock()), result };
  };
}

function putRoute<Row extends AdministeredRow, Ref extends number | string, Body>(
  app: FastifyInstance,
  door: NativeDoor,
  resource: Resource<Row, Ref, Body>,
): void {
  const { name, plural, about, view, body } = resource;
  const { path, params, refOf } = addressOf(resource);
  const change = changerOf(door, resource);
  app.put(
    path,
    operation({
      operationId: `put${titleOf(name)}`,
      tag: TAG,
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
      demand(door.gate, request.caller!, 'organisation.manage');
      const ref = refOf(request);
      const before = resource.find(door.ledger.directory, ref);
      const { change: apply, shownOnce } = await resource.put(ref, request.body as Body, before);
      // Of several at once, and on whichever server, one makes it: what the command finds says which.
      const { shown, result } = await change(ref, state => {
        const found = resource.find(state, ref);
        apply(state, found);
        return { isNew: found === undefined, once: shownOnce?.(found) };
      });
      if (result.isNew) reply.header('location', `/v1/${plural}/${encodeURIComponent(ref)}`);
      return reply.status(result.isNew ? 201 : 200).send({ ...shown, ...result.once });
    },
  );
}

function deactivateRoute<Row extends AdministeredRow, Ref extends number | string>(
  app: FastifyInstance,
  door: NativeDoor,
  resource: AnyResource<Row, Ref>,
): void {
  const { name, about, view } = resource;
  const { path, params, refOf } = addressOf(resource);
  const change = changerOf(door, resource);
  app.delete(
    path,
    operation({
      operationId: `deactivate${titleOf(name)}`,
      tag: TAG,
      summary: `Deactivate a ${name}`,
      description: `${about.drop} The answer shows it as it is then. ${MANAGED}`,
      params,
      answers: { 200: { description: `The ${name}, which is not active.`, schema: view } },
      problems: ['not_found', 'conflict'],
    }),
    async request => {
      demand(door.gate, request.caller!, 'organisation.manage');
      const ref = refOf(request);
      const { shown } = await change(ref, state => {
        if (resource.find(state, ref) === undefined) throw new NoSuchRow(noSuch(resource, ref));
        resource.drop(state, ref);
      });
      return shown;
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

const pageOf = (title: string, view: TSchema, reference: TSchema) =>
  Type.Object(
    {
      items: Type.Array(view),
      next: Type.Union([reference, Type.Null()], { description: 'What to send as `after`; null at the end.' }),
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
function note<T>(state: State, look: (state: State) => Seen | null, change: (state: State) => T): T {
  const before = look(state);
  const result = change(state);
  const after = look(state);
  if (isDeepStrictEqual(before, after)) return result;
  const was = before?.row.active ?? null;
  const is = after?.row.active ?? false;
  state.journal(organisationChanged, {
    created: Number(was === null),
    changed: Number(was === is),
    deactivated: Number(was === true && !is),
    activated: Number(was === false && is),
  });
  return result;
}

/** What the rooms refuse, whoever wants it, in the words of this door. */
async function asProblem<T>(submitted: Promise<T>): Promise<T> {
  try {
    return await submitted;
  } catch (error) {
    if (error instanceof PeopleRefusal && error.problem === 'unknownUser') throw invalid('userId', 'must be a user');
    if (error instanceof PeopleRefusal && error.problem === 'inactiveUser') {
      throw invalid('userId', 'must be a user who is active');
    }
    if (error instanceof SourceRefusal && error.problem === 'impossibleSettings') {
      throw invalid('settings', error.message);
    }
    if (error instanceof NoSuchRow) throw new Problem('not_found', error.message);
    if (error instanceof Refusal) throw new Problem('conflict', error.message);
    throw error;
  }
}
