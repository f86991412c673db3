/**
 * A job waits, and is done or failed after at most two attempts. That a recording could not be had is told to nobody but
 * the journal (docs/bitrix24.md, section 11.2, case 29).
 */
import type { Command, State } from '../ledger/state.ts';
import { cleanText } from '../values/text.ts';
import { attachRecording, type FetchReactors } from './attach.ts';
import type { StoredAudio } from './audioStore.ts';
import { type FetchJob, fetchJob, recording } from './entities.ts';
import { recordingFailed, recordingRequested } from './events.ts';
import { recordingName } from './recordingName.ts';

const MAX_ATTEMPTS = 2;
/** Problems are sentences of ours; what a server's error code adds is short. */
const LONGEST_PROBLEM = 300;

export interface RecordingRequest {
  readonly sourceCallId: number;
  readonly reportId: number;
  /** Whatever somebody sent; whether it may be asked for shows when it is. */
  readonly url: string;
  /** Null: as the URL calls it. */
  readonly name: string | null;
}

/** Within the command that takes the report: the job is due at once and survives whatever comes. */
export function requestRecording(
  state: State,
  requested: RecordingRequest,
  { callIdOf }: Pick<FetchReactors, 'callIdOf'> = {},
): FetchJob {
  const job: FetchJob = {
    id: state.next('fetchJob'),
    sourceCallId: requested.sourceCallId,
    reportId: requested.reportId,
    url: cleanText(requested.url),
    name: requested.name === null ? null : cleanText(requested.name),
    requestedAt: state.now,
    attempts: 0,
    dueAt: state.now,
    state: 'waiting',
    lastProblem: null,
  };
  state.insert(fetchJob, job);
  const callId = callIdOf?.(state, job.sourceCallId) ?? job.sourceCallId;
  state.journal(recordingRequested, { callId, fetchJobId: job.id, reportId: job.reportId });
  return job;
}

export type Attempt = { readonly audio: StoredAudio } | { readonly problem: string };

/** The outcome of one attempt. What has been decided meanwhile stays: an outcome that comes twice changes nothing. */
export function endAttempt(
  { id, sourceCallId, attempts }: Pick<FetchJob, 'id' | 'sourceCallId' | 'attempts'>,
  attempt: Attempt,
  retryMs: number,
  reactors: FetchReactors,
): Command<void> {
  return {
    name: 'end an attempt to fetch a recording',
    bytes: 1_000,
    wants: wants => {
      wants.get(fetchJob, id);
      wants.find(recording, 'bySourceCall', sourceCallId);
      reactors.wantCall?.(wants, sourceCallId);
    },
    apply: state => {
      const job = state.get(fetchJob, id);
      if (job === undefined || job.state !== 'waiting' || job.attempts !== attempts) return;
      const tried = { ...job, attempts: attempts + 1, dueAt: null };
      if ('audio' in attempt) {
        state.put(fetchJob, { ...tried, state: 'done', lastProblem: null });
        const name = recordingName(job.name, job.url, attempt.audio.format);
        attachRecording(state, { ...job, name, audio: attempt.audio }, reactors);
        return;
      }
      const lastProblem = cleanText(attempt.problem).slice(0, LONGEST_PROBLEM).toWellFormed();
      if (tried.attempts < MAX_ATTEMPTS) {
        state.put(fetchJob, { ...tried, dueAt: state.now + retryMs, lastProblem });
        return;
      }
      const failed: FetchJob = { ...tried, state: 'failed', lastProblem };
      state.put(fetchJob, failed);
      const callId = reactors.callIdOf?.(state, job.sourceCallId) ?? job.sourceCallId;
      state.journal(recordingFailed, { callId, fetchJobId: id, reportId: job.reportId });
      reactors.onFailed?.(state, failed);
    },
  };
}
