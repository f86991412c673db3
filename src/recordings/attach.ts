import type { State, Wants } from '../ledger/state.ts';
import { cleanText } from '../values/text.ts';
import { AUDIO_FORMATS } from './audioFormat.ts';
import type { StoredAudio } from './audioStore.ts';
import { type FetchJob, type Recording, recording } from './entities.ts';
import { recordingAttached } from './events.ts';

export interface HandedOver {
  readonly sourceCallId: number;
  /** As `recordingName` gives it. */
  readonly name: string;
  readonly audio: StoredAudio;
  /** Now, unless it was asked for earlier. */
  readonly requestedAt?: number;
}

/** What other rooms make of a call's audio, in the same command. */
export interface FetchReactors {
  /** What the others will read of the call that a source call is part of. */
  readonly wantCall?: (wants: Wants, sourceCallId: number) => void;
  /** The call that a source call is part of now; itself where calls are never joined. */
  readonly callIdOf?: (state: State, sourceCallId: number) => number;
  /** It has just arrived; the call's recording may still be another one. */
  readonly onAttached?: (state: State, attached: Recording) => void;
  readonly onFailed?: (state: State, job: FetchJob) => void;
}

/** Gives a call audio that is in the store already. */
export function attachRecording(
  state: State,
  { sourceCallId, name, audio, requestedAt }: HandedOver,
  { callIdOf, onAttached }: Pick<FetchReactors, 'callIdOf' | 'onAttached'>,
): Recording {
  const attached: Recording = {
    id: state.next('recording'),
    sourceCallId,
    name: cleanText(name),
    contentType: AUDIO_FORMATS[audio.format].contentType,
    bytes: audio.bytes,
    digest: audio.digest,
    file: audio.file,
    requestedAt: requestedAt ?? state.now,
    at: state.now,
  };
  state.insert(recording, attached);
  state.journal(recordingAttached, {
    callId: callIdOf?.(state, sourceCallId) ?? sourceCallId,
    recordingId: attached.id,
  });
  onAttached?.(state, attached);
  return attached;
}

/**
 * Of several recordings of a call, the one that was asked for last (docs/bitrix24.md, section 21: "last record wins"),
 * however long another one took to arrive.
 */
export function latestRecording<R extends Pick<Recording, 'id' | 'requestedAt'>>(
  recordings: readonly R[],
): R | undefined {
  return recordings.toSorted((a, b) => b.requestedAt - a.requestedAt || b.id - a.id)[0];
}
