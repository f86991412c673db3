/**
 * The third-party application a P-Series PBX pushes its events to (docs/yeastar.md, section 4):
 * `POST /yeastar/{sourceKey}`. A 200 says that the report is on disk.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallsContext } from '../../calls/fold/refold.ts';
import { acceptReport, UnknownSource } from '../../calls/reports/accept.ts';
import { QuarantineFull, quarantineReport } from '../../calls/reports/quarantine.ts';
import type { IncomingReport } from '../../calls/reports/report.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { CommandFailed, StorageUnavailable } from '../../ledger/refusals.ts';
import { type Source, source } from '../../sources/entities.ts';
import { CALL_DETAILS_EVENT, readCallDetails } from './callDetails.ts';
import { type Envelope, type EnvelopeProblem, readEnvelope } from './envelope.ts';
import { answer } from './errors.ts';
import { stripPin } from './pin.ts';
import { settingsOf } from './settings.ts';
import { signatureMatches } from './signature.ts';
import { zoneWatchOf } from './zoneWatch.ts';

/** An event has some 600 bytes; a megabyte is no event. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** Events of the vendor's catalogue (docs/yeastar.md, section 1.1) that are not the end of a call: understood, not kept. */
const CATALOGUE = { first: 30005, last: 30039 };

export interface YeastarDoor {
  readonly ledger: Ledger;
  readonly calls: CallsContext;
  /** The secret of a source in clear; null when it has none. */
  readonly secretOf: (from: Readonly<Source>) => string | null;
  /** `accepted`, `repeated`, `quarantined`, `refused`, `other_event`, `ignored`. */
  readonly count: (verdict: string) => void;
  /** Something about a source that a person should look at. */
  readonly warn: (from: Readonly<Source>, warning: string) => void;
  /** A report that could not be read, and is kept for a person to look at. */
  readonly quarantined: (from: Readonly<Source>, problem: string) => void;
}

export async function yeastarDoor(app: FastifyInstance, door: YeastarDoor): Promise<void> {
  app.removeAllContentTypeParsers();
  // The signature is over the bytes, and a PBX may call them anything.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, door));
  app.setNotFoundHandler((_request, reply) => answer(reply, 'unknownPath'));
  app.post<{ Params: { sourceKey: string } }>('/:sourceKey', (request, reply) => receive(request, reply, door));
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: '/:sourceKey',
    handler: (_request, reply) =>
      answer(reply.header('allow', 'POST'), 'method', 'set the webhook’s request method to POST'),
  });
}

async function receive(
  request: FastifyRequest<{ Params: { sourceKey: string } }>,
  reply: FastifyReply,
  door: YeastarDoor,
): Promise<FastifyReply> {
  const { ledger } = door;
  const from = ledger.directory.find(source, 'byKey', request.params.sourceKey)[0];
  if (from === undefined || from.kind !== 'yeastar' || !from.active) {
    door.count('refused');
    return answer(reply, 'unknownPath', 'no source has this key: check the URL of the webhook');
  }
  const raw = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
  const secret = door.secretOf(from);
  const signature = request.headers['x-signature'] as string | undefined;
  const { unsigned } = settingsOf(from);
  const signed = secret !== null && signatureMatches(secret, raw, signature);
  if (!signed && (secret === null ? !unsigned : !(unsigned && signature === undefined))) {
    door.count('refused');
    const why = signature === undefined ? 'X-Signature is missing' : 'X-Signature does not match the body';
    return answer(reply, 'denied', `${why}: check the secret of the webhook`, 'X-Signature');
  }
  const contentType = request.headers['content-type'] ?? null;
  const envelope = readEnvelope(raw.toString('utf8'));
  if ('fault' in envelope) return receiveUnread(envelope, from, raw, contentType, signed, reply, door);
  if (envelope.type !== CALL_DETAILS_EVENT) return receiveOther(envelope, from, raw, contentType, reply, door);
  const read = readCallDetails(envelope, settingsOf(from), raw, contentType);
  if ('problem' in read) {
    await setAside(from, 'unreadable', read.problem, raw, contentType, door);
    return answer(reply, 'success');
  }
  const { verdict } = await ledger.submit(acceptReport(read.report, door.calls));
  door.count(verdict);
  const hint = zoneWatchOf(from).see(read.callId, read.fact, from.timeZone);
  if (hint !== null) door.warn(from, hint);
  for (const warning of read.report.warnings) door.warn(from, warning);
  return answer(reply, 'success');
}

/**
 * No envelope. Who has signed it is the PBX, and a retry cannot mend what it sent: kept for a look (docs/yeastar.md,
 * section 4). What is well-formed but no event at all is refused, signed or not (docs/yeastar.md, case C32).
 */
async function receiveUnread(
  { fault, detail }: EnvelopeProblem,
  from: Readonly<Source>,
  raw: Buffer,
  contentType: string | null,
  signed: boolean,
  reply: FastifyReply,
  door: YeastarDoor,
): Promise<FastifyReply> {
  if (!signed || fault === 'not_object') {
    door.count('refused');
    return answer(reply, fault === 'no_type' ? 'parameter' : 'syntax', detail, fault === 'no_type' ? 'type' : 'body');
  }
  await setAside(from, 'unreadable', detail, raw, contentType, door);
  return answer(reply, 'success');
}

/** An event that does not tell the end of a call: an unknown one is kept for a look (docs/yeastar.md, case D14). */
async function receiveOther(
  envelope: Envelope,
  from: Readonly<Source>,
  raw: Buffer,
  contentType: string | null,
  reply: FastifyReply,
  door: YeastarDoor,
): Promise<FastifyReply> {
  const { type } = envelope;
  if (type >= CATALOGUE.first && type <= CATALOGUE.last) door.count('ignored');
  else await setAside(from, 'other_event', `event ${type} is not known`, raw, contentType, door);
  return answer(reply, 'success');
}

async function setAside(
  from: Readonly<Source>,
  reason: 'unreadable' | 'other_event',
  problem: string,
  raw: Buffer,
  contentType: string | null,
  door: YeastarDoor,
): Promise<void> {
  await door.ledger.submit(quarantineReport({ sourceId: from.id, reason, problem, contentType, raw: stripPin(raw) }));
  door.count(reason === 'unreadable' ? 'quarantined' : 'other_event');
  if (reason === 'unreadable') door.quarantined(from, problem);
}

/** Quarantined bytes, read with what is known of their source now; a sentence when they are still not understood. */
export function reread(from: Readonly<Source>, raw: Uint8Array, contentType: string | null): IncomingReport | string {
  const envelope = readEnvelope(Buffer.from(raw).toString('utf8'));
  if ('fault' in envelope) return envelope.detail;
  const read = readCallDetails(envelope, settingsOf(from), raw, contentType);
  return 'problem' in read ? read.problem : read.report;
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, door: YeastarDoor): FastifyReply {
  const { code } = error as { code?: string };
  door.count('refused');
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return answer(reply, 'tooLarge', `a body may have ${BODY_LIMIT_BYTES} bytes`);
  if (code?.startsWith('FST_ERR_CTP')) return answer(reply, 'syntax', 'the body is not as announced', 'body');
  if (error instanceof StorageUnavailable) return answer(reply, 'unavailable', 'nothing can be stored at the moment');
  if (error instanceof QuarantineFull) return answer(reply, 'unavailable', error.message);
  if (error instanceof UnknownSource) return answer(reply, 'unknownPath', 'no source has this key');
  request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  return answer(reply, error instanceof CommandFailed ? 'parameter' : 'failed');
}
