/** What both ways of attachRecord do: find the line of the list, put the audio into the store, give it to the call. */
import type { Condition } from '../../ledger/query.ts';
import { isListed, type PortalCall, portalCall } from '../../portal/entities.ts';
import { attachRecording, type HandedOver } from '../../recordings/attach.ts';
import type { AudioSource, StoredAudio } from '../../recordings/audioStore.ts';
import { UnfitAudio } from '../../recordings/draft.ts';
import { recording } from '../../recordings/entities.ts';
import { source } from '../../sources/entities.ts';
import { FILE_BODY_LIMIT_BYTES } from './body.ts';
import type { Bitrix24Door } from './context.ts';
import { methodError } from './errors.ts';
import { portalsAmong, withLineIds } from './namedLines.ts';
import type { StatisticColumn } from './statisticFilterFields.ts';

/**
 * The line a record belongs to: of a finished registration, whichever call it was joined into, or of a call that nobody
 * registered. Throws the method's error when there is none.
 */
export function demandLine(door: Bitrix24Door, id: number): Promise<PortalCall> {
  return demandListed(door, [{ column: 'id', is: '=', value: id }]);
}

/** The same, by its CALL_ID. */
export async function demandLineNamed(door: Bitrix24Door, callId: string): Promise<PortalCall> {
  const { reader, directory } = door.ledger;
  const named = [{ column: 'token', in: [callId] } as const];
  return demandListed(door, await withLineIds(reader, portalsAmong(directory.all(source)), named));
}

async function demandListed(
  { ledger }: Bitrix24Door,
  where: readonly Condition<StatisticColumn>[],
): Promise<PortalCall> {
  const [line] = await ledger.reader.select<PortalCall>({ from: portalCall, where, limit: 1 });
  if (line === undefined || !isListed(line)) throw methodError('callNotFinished');
  return line;
}

/**
 * What is called .mp3 or .wav and is no audio is refused as the wrong kind of file: of the method's texts only this one says
 * what is taken, and connectors do not send the same again upon it.
 */
export const notAudio = () => methodError('fileExtension');

/** Throws the method's error for what is no audio, and whatever the source throws. */
export async function keepRecord({ records }: Bitrix24Door, source: AsyncIterable<Uint8Array>): Promise<StoredAudio> {
  try {
    return await records.store.keep(notEmpty(source), FILE_BODY_LIMIT_BYTES);
  } catch (error) {
    throw error instanceof UnfitAudio ? notAudio() : error;
  }
}

/** Throws the method's error at the end of nothing. */
export async function* notEmpty(source: AudioSource): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.byteLength;
    yield piece;
  }
  if (bytes === 0) throw methodError('fileEmpty');
}

/** FILE_ID. The call may have lost its line meanwhile: then the method's error. */
export async function attachToLine(
  { ledger, records, count }: Bitrix24Door,
  line: number,
  handed: Omit<HandedOver, 'sourceCallId'>,
): Promise<number> {
  const id = await ledger.submit({
    name: 'attach record',
    bytes: 1_000,
    wants: wants => {
      wants.get(portalCall, line);
      wants.find(recording, 'bySourceCall', line);
      records.wantCall?.(wants, line);
    },
    apply: state => {
      const row = state.get(portalCall, line);
      if (row === undefined || !isListed(row)) throw methodError('callNotFinished');
      return attachRecording(state, { ...handed, sourceCallId: line }, records).id;
    },
  });
  count('accepted');
  return id;
}
