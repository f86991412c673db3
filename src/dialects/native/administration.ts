/** What the organisation is made of, read and changed over `/v1`: five resources that are asked for in one way. */
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import Type, { type TSchema } from 'typebox';
import type { CampaignChange } from '../../campaigns/changeCampaigns.ts';
import type { Directory } from '../../ledger/directory.ts';
import { Refusal, type State } from '../../ledger/state.ts';
import { compareValues } from '../../ledger/table.ts';
import { noteOrganisationChanged } from '../../people/organisationChanged.ts';
import { PeopleRefusal } from '../../people/refusals.ts';
import type { WebhookRules } from '../../people/rules.ts';
import type { WebhookChange } from '../../people/webhooks.ts';
import type { SourceChange } from '../../sources/changeSources.ts';
import type { SecretKeeper, SourceKind } from '../../sources/sourceKind.ts';
import { demand } from './access.ts';
import { answers, type NativeDoor } from './context.ts';
import { invalid, Problem } from './problem.ts';

/** What administering needs beyond the rooms that `/v1` knows itself. */
export interface Administration {
  /** Those that people may set up, as their dialects describe them. */
  readonly sourceKinds: readonly SourceKind[];
  /** What sources of a kind tell of calls. */
  readonly tellsOf: (kind: string) => readonly string[];
  readonly webhookRules: WebhookRules;
  readonly secrets: SecretKeeper;
  /** That many random bytes, for what the server makes up. */
  readonly random: (bytes: number) => Uint8Array;
  /** The organisation's. */
  readonly country: () => string;
  /** In a command; each keeps the server's own sources in step. */
  readonly changeSources: (state: State, change: SourceChange) => void;
  readonly changeWebhooks: (state: State, change: WebhookChange) => void;
  readonly changeCampaigns: (state: State, change: CampaignChange) => void;
  /** A webhook was put: what ended before may have to be listed for it. */
  readonly onWebhook: () => void;
}

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
  readonly readRef: (text: string) => Ref;
  readonly refOf: (row: Readonly<Row>) => Ref;
  readonly all: (directory: Directory) => readonly Readonly<Row>[];
  readonly find: (directory: Pick<Directory, 'get' | 'find'>, ref: Ref) => Readonly<Row> | undefined;
  readonly render: (row: Readonly<Row>, directory: Directory, now: number) => object;
  readonly put: (ref: Ref, body: Body, before: Readonly<Row> | undefined) => Promise<Put> | Put;
  readonly drop: (state: State, ref: Ref) => void;
}

const ROW_BYTES = 3_000;
const PAGE = 500;

export function administrationRoutes<Row extends AdministeredRow, Ref extends number | string, Body>(
  app: FastifyInstance,
  door: NativeDoor,
  resource: Resource<Row, Ref, Body>,
): void {
  readingRoutes(app, door, resource);
  changingRoutes(app, door, resource);
}

type AnyResource<Row extends AdministeredRow, Ref extends number | string> = Resource<Row, Ref, never>;

const TAGS = ['organisation'];
const titleOf = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

/** The address of one, and what names it there. */
function addressOf<Row extends AdministeredRow, Ref extends number | string>(resource: AnyResource<Row, Ref>) {
  const { plural, parameter } = resource;
  return {
    path: `/${plural}/:${parameter}`,
    params: { type: 'object', properties: { [parameter]: { type: 'string' } }, required: [parameter] },
    refOf: (request: { readonly params: unknown }): Ref =>
      resource.readRef((request.params as Record<string, string>)[parameter]!),
  };
}

function demandRow<Row extends AdministeredRow, Ref extends number | string>(
  { name, find }: AnyResource<Row, Ref>,
  directory: Directory,
  ref: Ref,
): Readonly<Row> {
  const row = find(directory, ref);
  if (row === undefined) throw new Problem('not_found', `there is no ${name} ${ref}`);
  return row;
}

function readingRoutes<Row extends AdministeredRow, Ref extends number | string>(
  app: FastifyInstance,
  { ledger: { directory }, gate, clock }: NativeDoor,
  resource: AnyResource<Row, Ref>,
): void {
  const { name, plural, parameter, about, view } = resource;
  const { path, params, refOf } = addressOf(resource);

  app.get<{ Querystring: { after?: string } }>(
    `/${plural}`,
    {
      schema: {
        tags: TAGS,
        operationId: `list${titleOf(plural)}`,
        summary: `The ${plural} of the organisation`,
        description: `${about.list} In the order of their ${parameter}, ${PAGE} at a time. For administrators.`,
        querystring: AfterQuery,
        response: answers(pageOf(view)),
      },
    },
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      const { after } = request.query;
      const rows = resource.all(directory).toSorted((a, b) => compareValues(resource.refOf(a), resource.refOf(b)));
      const from = after === undefined ? 0 : beginAfter(rows.map(resource.refOf), resource.readRef(after));
      const page = rows.slice(from, from + PAGE);
      const next = from + PAGE < rows.length ? String(resource.refOf(page.at(-1)!)) : null;
      return { items: page.map(each => resource.render(each, directory, clock())), next };
    },
  );

  app.get(
    path,
    {
      schema: {
        tags: TAGS,
        operationId: `get${titleOf(name)}`,
        summary: `One ${name}`,
        description: `${about.list} Secrets are never shown. For administrators.`,
        params,
        response: answers(view),
      },
    },
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      return resource.render(demandRow(resource, directory, refOf(request)), directory, clock());
    },
  );
}

function changingRoutes<Row extends AdministeredRow, Ref extends number | string, Body>(
  app: FastifyInstance,
  { ledger, gate, clock }: NativeDoor,
  resource: Resource<Row, Ref, Body>,
): void {
  const { name, plural, about, view, body } = resource;
  const { path, params, refOf } = addressOf(resource);
  const { directory } = ledger;
  const show = (ref: Ref): object => resource.render(demandRow(resource, directory, ref), directory, clock());
  const submit = (ref: Ref, change: (state: State) => void) => {
    const look = (state: State): Seen | null => {
      const row = resource.find(state, ref);
      return row === undefined ? null : { row, shown: resource.render(row, state, state.now) };
    };
    const command = { name: `change ${name}`, bytes: ROW_BYTES, apply: (state: State) => note(state, look, change) };
    return asProblem(ledger.submit(command));
  };

  app.put(
    path,
    {
      schema: {
        tags: TAGS,
        operationId: `put${titleOf(name)}`,
        summary: `Make a ${name} what is said`,
        description: `${about.put} What is left out becomes what it is for a new one, but for secrets, which stay as they are. ${MANAGED}`,
        params,
        body,
        response: { ...answers(view, 201), ...answers(view) },
      },
    },
    async (request, reply) => {
      demand(gate, request.caller!, 'organisation.manage');
      const ref = refOf(request);
      const before = resource.find(directory, ref);
      const { change, shownOnce, after } = await resource.put(ref, request.body as Body, before);
      await submit(ref, state => {
        // Of two that ask for a new one at once, only one may be shown what opens it.
        if (shownOnce !== undefined && resource.find(state, ref) !== undefined) {
          throw new Refusal(`another request has just made this ${name}`);
        }
        change(state);
      });
      after?.();
      if (before === undefined) reply.header('location', `/v1/${plural}/${encodeURIComponent(ref)}`);
      return reply.status(before === undefined ? 201 : 200).send({ ...show(ref), ...shownOnce });
    },
  );

  app.delete(
    path,
    {
      schema: {
        tags: TAGS,
        operationId: `deactivate${titleOf(name)}`,
        summary: `Deactivate a ${name}`,
        description: `${about.drop} The answer shows it as it is then. ${MANAGED}`,
        params,
        response: answers(view),
      },
    },
    async request => {
      demand(gate, request.caller!, 'organisation.manage');
      const ref = refOf(request);
      demandRow(resource, directory, ref);
      await submit(ref, state => resource.drop(state, ref));
      return show(ref);
    },
  );
}

const MANAGED =
  'What the organisation file says is changed there: 409. The same request again changes nothing. For administrators.';

const AfterQuery = Type.Object(
  { after: Type.Optional(Type.String({ maxLength: 300, description: 'The `next` of the page before.' })) },
  { additionalProperties: false },
);

const pageOf = (view: TSchema) =>
  Type.Object({
    items: Type.Array(view),
    next: Type.Union([Type.String(), Type.Null()], { description: 'What to send as `after`; null at the end.' }),
  });

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
  noteOrganisationChanged(state, {
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
