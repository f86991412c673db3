import { recordingName } from '../../recordings/recordingName.ts';
import type { BodyStream } from './body.ts';
import type { Bitrix24Door } from './context.ts';
import { MethodError } from './errors.ts';
import { boundaryOf, filePart } from './multipart.ts';
import { attachToLine, demandLine, keepRecord } from './record.ts';
import { FILE_PART, type UploadSlot } from './uploadSlot.ts';

/**
 * The second step of attachRecord, `/rest/upload`: a multipart form with one file, or the file itself, goes into the store as
 * it comes. Throws `MethodError`, `ParamsProblem`, and what the connection has to say.
 */
export async function upload(
  door: Bitrix24Door,
  slot: UploadSlot,
  body: BodyStream,
  contentType: string | null,
): Promise<number> {
  try {
    const line = await demandLine(door, slot.line);
    const boundary = boundaryOf(contentType);
    const audio = await keepRecord(
      door,
      boundary === null ? body.pieces() : filePart(body.pieces(), boundary, FILE_PART),
    );
    const id = await attachToLine(door, line.id, { name: recordingName(slot.fileName, null, audio.format), audio });
    await body.drain();
    return id;
  } catch (error) {
    if (!(error instanceof MethodError && error.kind === 'tooLarge')) await body.drain();
    throw error;
  }
}
