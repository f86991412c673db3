import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { isTheirs, participantsOfCalls, queuesOfCalls } from '../../calls/queries/access.ts';
import { callDetail } from '../../calls/queries/callDetail.ts';
import type { CallFilter, LocalHours } from '../../calls/queries/callFilter.ts';
import { correctionWarnings } from '../../calls/queries/correctionWarnings.ts';
import { type CallCursor, listCalls } from '../../calls/queries/listCalls.ts';
import { acceptReport, ReportedOtherwise } from '../../calls/reports/accept.ts';
import {
  correctCall,
  ImpossibleCorrection,
  NoSuchCall,
  NoSuchCorrection,
  retractCorrection,
} from '../../calls/reports/corrections.ts';
import { settledAtBy, settledUpTo } from '../../calls/settling/line.ts';
import { readerFor } from '../../ledger/readerFor.ts';
import { Refusal } from '../../ledger/state.ts';
import { source } from '../../sources/entities.ts';
import { readNumber } from '../../values/givenNumber.ts';
import { bareSpellings, numberReadings, type PhoneContext } from '../../values/phone.ts';
import { blankToNull, cleanText } from '../../values/text.ts';
import { isTimeZone } from '../../values/zonedTime.ts';
import { demand } from './access.ts';
import { figureOf, readShared, thresholdsOf } from './callFilters.ts';
import { type NativeDoor, sourcesById } from './context.ts';
import { eventSchema, exampleOf } from './eventSchemas.ts';
import { writeInstant } from './instants.ts';
import { operation } from './operation.ts';
import { ownSource } from './ownSource.ts';
import { invalid, Problem } from './problem.ts';
import { readCall, readCorrection, readExternalId } from './readCall.ts';
import { recordsOf } from './recordRoutes.ts';
import {
  renderCall,
  renderCorrection,
  renderEntry,
  renderLegs,
  renderParticipant,
  renderQueues,
  renderReport,
} from './render.ts';
import { CorrectionParams, IdParams, ListQuery, NewCall, NewCorrection } from './schemas.ts';
import { Call, CallPage, callDetail as callDetailSchema, MadeCorrection } from './views.ts';

const LIMIT_DEFAULT = 50;
/** Long enough for any generator of ids, short enough for an index. */
const IDEMPOTENCY_KEY_MAX = 200;

export function callRoutes(app: FastifyInstance, door: NativeDoor): void {
  reportRoute(app, door);
  listRoute(app, door);
  readRoute(app, door);
  correctRoute(app, door);
  retractRoute(app, door);
}

function reportRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.post<{ Body: NewCall }>(
    '/calls',
    {
      ...operation({
        operationId: 'reportCall',
        tag: 'calls',
        summary: 'Report a call',
        description: REPORTING,
        headers: { 'Idempotency-Key': IdempotencyKey },
        body: NewCall,
        answers: {
          201: { description: 'A new report.', schema: Call, headers: { Location } },
          200: { description: 'The same report again.', schema: Call, headers: { Location } },
        },
        problems: ['conflict'],
      }),
      onSend: async (_request, { statusCode }) => {
        door.count(statusCode === 201 ? 'accepted' : statusCode === 200 ? 'repeated' : 'refused');
      },
    },
    async (request, reply) => {
      demand(gate, request.caller!, 'calls.report');
      const own = ownSource(ledger.directory);
      const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
      const externalId = readExternalId(request.body);
      if (idempotencyKey === null && externalId === null) {
        throw invalid('externalId', 'is missing: name the call by externalId, or send an Idempotency-Key header');
      }
      if (request.body.userId != null && !door.userExists(request.body.userId)) {
        throw invalid('userId', `must be a user; there is no user ${request.body.userId}`);
      }
      const group = externalId === null ? `key|${idempotencyKey}` : `id|${externalId}`;
      const read = readCall(request.body, own.id, group, request.rawBody!, ledger.directory);
      const incoming = { ...read, alone: externalId === null };
      const { verdict, callId } = await asProblem(ledger.submit(acceptReport(incoming, door.calls)));
      const { summary } = await view(door, callId);
      return reply
        .status(verdict === 'accepted' ? 201 : 200)
        .header('location', `/v1/calls/${callId}`)
        .send(summary);
    },
  );
}

function listRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate, clock } = door;
  app.get<{ Querystring: ListQuery }>(
    '/calls',
    operation({
      operationId: 'listCalls',
      tag: 'calls',
      summary: 'List calls, newest first',
      description:
        'Page by page, by `cursor`. All filters must hold. A page of rare calls may end before it is full: `searchedTo` says how far it came, and `next` goes on. Agents see the calls they took part in, and those that rang for them and nobody answered.',
      query: ListQuery,
      answers: { 200: { description: 'A page of calls.', schema: CallPage } },
    }),
    async (request, reply) => {
      const allowed = demand(gate, request.caller!, 'calls.read', 'calls.readOwn');
      const filter = readFilter(request.query, door);
      const limit = request.query.limit ?? LIMIT_DEFAULT;
      const restricted = allowed === 'calls.read' ? filter : ownOnly(filter, request.caller!.userId);
      // Before the calls are read: what the line has not passed may still change when it is due.
      const upTo = settledUpTo(ledger.directory);
      const after = readCursor(request.query.cursor);
      const reader = readerFor(reply.raw, ledger.reader);
      const { items, next, searchedTo } = await listCalls(reader, restricted, limit, after);
      const ids = items.map(each => each.id);
      const parts = Map.groupBy(await participantsOfCalls(ledger.reader, ids), each => each.callId);
      const visits = Map.groupBy(await queuesOfCalls(ledger.reader, ids), each => each.callId);
      const sources = sourcesById(ledger);
      const now = clock();
      return {
        items: items.map(each => ({
          ...renderCall(each, sources.get(each.sourceId), settledAtBy(upTo, each), now),
          participants: (parts.get(each.id) ?? []).map(renderParticipant),
          queues: renderQueues(visits.get(each.id) ?? [], sources),
        })),
        next: next === null ? null : writeCursor(next),
        searchedTo: searchedTo === null ? null : writeInstant(searchedTo),
      };
    },
  );
}

function readRoute(app: FastifyInstance, door: NativeDoor): void {
  const { gate } = door;
  app.get<{ Params: { id: number } }>(
    '/calls/:id',
    operation({
      operationId: 'readCall',
      tag: 'calls',
      summary: 'One call with its legs, reports and journal',
      description:
        'Under its id, or under that of a call which became part of it. Agents see the calls they took part in, and those that rang for them and nobody answered.',
      params: IdParams,
      answers: {
        200: {
          description: 'The call.',
          schema: callDetailSchema(eventSchema(door.events), exampleOf(door.events[0]!)),
        },
      },
      problems: ['not_found'],
    }),
    async request => {
      const allowed = demand(gate, request.caller!, 'calls.read', 'calls.readOwn');
      const { detail, summary, details } = await view(door, request.params.id);
      const { call, participants } = detail;
      if (allowed === 'calls.readOwn' && !isTheirs(call, participants, request.caller!.userId)) {
        throw new Problem('not_found', `there is no call ${request.params.id}`);
      }
      return { ...summary, ...details };
    },
  );
}

function correctRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.post<{ Params: { id: number }; Body: NewCorrection }>(
    '/calls/:id/corrections',
    operation({
      operationId: 'correctCall',
      tag: 'calls',
      summary: 'Correct a call',
      description: 'What a person states wins over every source, survives later reports, and can be taken back.',
      params: IdParams,
      body: NewCorrection,
      answers: {
        201: { description: 'The correction, and the call it led to.', schema: MadeCorrection, headers: { Location } },
      },
      problems: ['not_found', 'conflict'],
    }),
    async (request, reply) => {
      demand(gate, request.caller!, 'calls.correct');
      const { id } = request.params;
      const fields = readCorrection(request.body);
      if (fields.userId != null && !door.userExists(fields.userId)) {
        throw invalid('fields.userId', `must be a user; there is no user ${fields.userId}`);
      }
      const saying = {
        kind: 'native.correction',
        author: request.caller!.name,
        contentType: 'application/json',
        raw: request.rawBody!,
      };
      const reason = blankToNull(cleanText(request.body.reason ?? ''));
      const input = await asProblem(ledger.submit(correctCall(id, fields, reason, saying, door.calls)));
      const { summary } = await view(door, id);
      return reply
        .status(201)
        .header('location', `/v1/calls/${id}/corrections/${input.n}`)
        .send({ ...renderCorrection(input), call: summary });
    },
  );
}

function retractRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.delete<{ Params: { id: number; n: number } }>(
    '/calls/:id/corrections/:n',
    operation({
      operationId: 'retractCorrection',
      tag: 'calls',
      summary: 'Take a correction back',
      description:
        'It stays as a record of what was stated, and changes nothing any more. Of calls that were joined each may have a correction with ' +
        'this number: the one stated under this id is meant, else the only one there is.',
      params: CorrectionParams,
      answers: { 200: { description: 'The call without the correction.', schema: Call } },
      problems: ['not_found', 'conflict'],
    }),
    async request => {
      demand(gate, request.caller!, 'calls.correct');
      const { id, n } = request.params;
      const saying = {
        kind: 'native.retraction',
        author: request.caller!.name,
        contentType: null,
        raw: Buffer.alloc(0),
      };
      await asProblem(ledger.submit(retractCorrection(id, n, saying, door.calls)));
      return (await view(door, id)).summary;
    },
  );
}

/** A call as one answer shows it, and what its own page shows besides. */
async function view({ ledger, clock }: NativeDoor, id: number) {
  const upTo = settledUpTo(ledger.directory);
  const detail = await callDetail(ledger.reader, id, upTo);
  if (detail === null) throw new Problem('not_found', `there is no call ${id}`);
  const sources = sourcesById(ledger);
  const { reports, journal, possibleMatches } = detail;
  const { legs, ...call } = detail.call;
  const warnings = correctionWarnings(detail.call, reports);
  return {
    detail,
    summary: {
      ...renderCall(call, sources.get(call.sourceId), settledAtBy(upTo, call), clock()),
      participants: detail.participants.map(renderParticipant),
      queues: renderQueues(detail.visits, sources),
    },
    details: {
      legs: renderLegs(legs, reports),
      reports: reports.map(each => renderReport(each, sources, warnings.get(each.id))),
      records: await recordsOf(ledger.reader, reports),
      possibleMatches,
      journal: journal.map(renderEntry),
    },
  };
}

const REPORTING = [
  'Name the call by `externalId`, or send an `Idempotency-Key` header.',
  'The same report again answers 200 with the same call and changes nothing, also where other reports came in between.',
  'A further report under the same `externalId` adds to the call. Of each field the report that was received last and states it wins; a field that it leaves out, or states as null, stays as it was.',
  'What earlier reports state of times, outcome and seconds gives way where it contradicts a later report: after a later `endedAt` the earlier `durationSeconds`, after a later talk an earlier `missed`.',
  'Within one report such a contradiction is refused with the field that is wrong: seconds that do not fit between the times, beyond the two that rounding explains, or talk and an answer where `outcome` says that nobody answered.',
].join(' ');

const IdempotencyKey = Type.String({
  minLength: 1,
  maxLength: IDEMPOTENCY_KEY_MAX,
  description: 'Names the report where the call has no `externalId`: the same key again is the same report.',
});
const Location = Type.String({ description: 'Where to read it.' });

function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  const key = String(header).trim();
  if (key === '' || key.length > IDEMPOTENCY_KEY_MAX) {
    throw invalid('Idempotency-Key', `must have 1 to ${IDEMPOTENCY_KEY_MAX} characters`);
  }
  return key;
}

function readFilter(query: ListQuery, door: NativeDoor): CallFilter {
  const { outcome, externalId, state, short, figure } = query;
  const sources = door.ledger.directory.all(source);
  const localHours = readLocalHours(query, door);
  const shared = readShared(query, door);
  return {
    now: door.clock(),
    // A call rings at users: without any there is none that only rang.
    ...(figure === 'rangOnly' ? { users: [] } : {}),
    ...(figure === 'answeredWithin' ? { queued: true } : {}),
    ...shared,
    ...(localHours === null ? {} : { localHours }),
    ...(outcome === undefined ? {} : { outcomes: outcome }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(state === undefined ? {} : { state }),
    ...(short === undefined ? {} : { short: short === 'true' }),
    ...(figure === undefined ? {} : { figure: figureOf(figure, () => thresholdsOf(door, shared)) }),
    ...(query.number === undefined ? {} : { numbers: spellings(query.number, sources) }),
  };
}

function readLocalHours({ weekday, hour, timeZone }: ListQuery, door: NativeDoor): LocalHours | null {
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw invalid('timeZone', 'must be an IANA time zone, such as Europe/Berlin');
  }
  if (weekday === undefined && hour === undefined) return null;
  return { weekdays: weekday ?? null, hours: hour ?? null, timeZone: timeZone ?? door.timeZone() };
}

/** All that a number may have been written as where one of these sources stands. A `+` of a query string may arrive as a blank. */
function spellings(given: string, sources: readonly PhoneContext[]): string[] {
  const number = readNumber(given).number ?? given.trim();
  const plain = [number, `+${number}`];
  const contexts = new Map(sources.map(each => [`${each.country} ${each.areaCode} ${each.outsidePrefix}`, each]));
  const readings = [...contexts.values()].flatMap(each => plain.flatMap(text => numberReadings(text, each)));
  const bare = [...contexts.values()].flatMap(each => readings.flatMap(e164 => bareSpellings(e164, each)));
  return [...new Set([given.trim(), ...plain, ...readings, ...bare])];
}

/** Agents see their own calls; asked for another's they see none. A call that only rang at them is another's. */
function ownOnly(filter: CallFilter, userId: number | null): CallFilter {
  const asksForOwn = filter.figure?.rangOnly !== true && (filter.users?.includes(userId) ?? true);
  const isMeant = userId !== null && asksForOwn;
  return { ...filter, users: isMeant ? [userId] : [] };
}

function readCursor(text: string | undefined): CallCursor | null {
  if (text === undefined) return null;
  const [startedAt, id] = Buffer.from(text, 'base64url').toString('latin1').split('.').map(Number);
  if (!Number.isSafeInteger(startedAt) || !Number.isSafeInteger(id))
    throw invalid('cursor', 'must be a `next` of this list');
  return { startedAt: startedAt!, id: id! };
}

const writeCursor = ({ startedAt, id }: CallCursor): string => Buffer.from(`${startedAt}.${id}`).toString('base64url');

async function asProblem<T>(submitted: Promise<T>): Promise<T> {
  try {
    return await submitted;
  } catch (error) {
    if (error instanceof NoSuchCall || error instanceof NoSuchCorrection) throw new Problem('not_found', error.message);
    if (error instanceof ImpossibleCorrection) throw invalid(`fields.${error.field}`, error.message);
    if (error instanceof ReportedOtherwise) {
      throw new Problem('conflict', 'this Idempotency-Key came with another body before: use a new key');
    }
    if (error instanceof Refusal) throw new Problem('conflict', error.message);
    throw error;
  }
}
