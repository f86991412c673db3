import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Report } from '../../calls/entities.ts';
import { isTheirCall } from '../../calls/queries/access.ts';
import { callResultName } from '../../campaigns/callResult.ts';
import { type CallRecord, callingList, campaign, record } from '../../campaigns/entities.ts';
import type { Directory } from '../../ledger/directory.ts';
import type { Reader } from '../../ledger/query.ts';
import type { Permission } from '../../people/permissions.ts';
import type { Principal } from '../../people/principal.ts';
import { AUDIO_FORMATS } from '../../recordings/audioFormat.ts';
import { readRecording } from '../../recordings/readRecording.ts';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { writeInstant } from './instants.ts';
import { operation } from './operation.ts';
import { Problem } from './problem.ts';
import { IdParams } from './schemas.ts';
import { DiallingRecord } from './views.ts';

/** Dialling records and recordings: what belongs to a call and is asked for by an id of its own. */
export function recordRoutes(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  /** Of what belongs to a call, an agent reads what is of a call of theirs. */
  const mayRead = async (allowed: Permission, { userId }: Principal, callId: number | null): Promise<boolean> =>
    allowed === 'calls.read' || (callId !== null && (await isTheirCall(ledger.reader, callId, userId)));

  app.get<{ Params: { id: number } }>(
    '/records/:id',
    operation({
      operationId: 'readRecord',
      tag: 'campaigns',
      summary: 'One dialling record',
      description: 'With its result, and the call it was completed with. Agents see those of their calls.',
      params: IdParams,
      answers: { 200: { description: 'The record.', schema: DiallingRecord } },
      problems: ['not_found'],
    }),
    async request => {
      const allowed = demand(gate, request.caller!, 'calls.read', 'calls.readOwn');
      const [found] = await recordsWith(ledger.reader, [request.params.id]);
      if (found === undefined || !(await mayRead(allowed, request.caller!, found.callId)))
        throw new Problem('not_found', `there is no record ${request.params.id}`);
      return renderRecord(found, ledger.directory);
    },
  );

  app.get<{ Params: { id: number } }>(
    '/recordings/:id',
    {
      exposeHeadRoute: false,
      ...operation({
        operationId: 'readRecording',
        tag: 'calls',
        summary: 'The audio of a recording',
        description: 'As it was stored, to be saved under its name. Agents hear those of their calls.',
        params: IdParams,
        answers: {
          200: {
            description: 'The bytes of the file.',
            schema: Recording,
            example: 'ID3 …',
            contentTypes: Object.values(AUDIO_FORMATS).map(each => each.contentType),
          },
        },
        problems: ['not_found'],
      }),
    },
    async (request, reply) => {
      const allowed = demand(gate, request.caller!, 'calls.read', 'calls.readOwn');
      const found = await readRecording(ledger.reader, door.audio, request.params.id);
      if (found === null || !(await mayRead(allowed, request.caller!, found.recording.sourceCallId)))
        throw new Problem('not_found', `there is no recording ${request.params.id}`);
      const { contentType, bytes, name } = found.recording;
      return reply
        .type(contentType)
        .header('content-length', bytes)
        .header('x-content-type-options', 'nosniff')
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
        .send(found.stream());
    },
  );
}

/** Generators of clients take the format for bytes. */
const Recording = Type.String({ $id: 'Recording', format: 'binary', description: 'The bytes of an audio file.' });

/** The dialling records that were completed with a call. */
export async function recordsOf(reader: Reader, reports: readonly Report[]) {
  const ids = reports.flatMap(({ fact }) => (fact.form === 'completion' ? [fact.recordId] : []));
  if (ids.length === 0) return [];
  return (await recordsWith(reader, ids)).map(each => ({
    id: each.id,
    handle: each.handle,
    applicationId: each.applicationId,
    callResult: callResultName(each.callResult),
  }));
}

const recordsWith = (reader: Reader, ids: readonly number[]): Promise<CallRecord[]> =>
  reader.select<CallRecord>({ from: record, where: [{ column: 'id', in: ids }], limit: ids.length });

const instant = (at: number | null): string | null => (at === null ? null : writeInstant(at));

function renderRecord(row: CallRecord, directory: Directory) {
  const list = directory.get(callingList, row.listId);
  return {
    id: row.id,
    campaign: directory.get(campaign, list?.campaignId ?? 0)?.name ?? null,
    callingList: list?.name ?? null,
    applicationId: row.applicationId,
    handle: row.handle,
    recordId: row.recordId,
    chainId: row.chainId,
    chainN: row.chainN,
    contactInfo: row.contactInfo,
    recordStatus: row.recordStatus,
    recordType: row.recordType,
    callResult: callResultName(row.callResult),
    callResultCode: row.callResult,
    resultFrom: row.resultFrom,
    attempts: row.attempt,
    userId: row.heldBy,
    retrievedAt: instant(row.retrievedAt),
    completedAt: instant(row.completedAt),
    callTime: instant(row.callTime),
    callId: row.callId,
    custom: row.custom,
  };
}
