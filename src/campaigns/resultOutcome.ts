/**
 * Call results and outcomes. Every outcome has one code, exact or the nearest there is; every code leads to one outcome in
 * each direction; exact pairs come back as they went (ARCHITECTURE.md, section 2).
 */
import type { Direction } from '../values/direction.ts';
import { type Outcome, outcomeInDirection } from '../values/outcome.ts';

export interface OutcomeResult {
  readonly code: number;
  /** Whether the code says the same; if not, it is the nearest. */
  readonly exact: boolean;
}

const RESULT_OF: Readonly<Record<Outcome, OutcomeResult>> = {
  answered: { code: 33, exact: true },
  missed: { code: 7, exact: true },
  abandoned: { code: 21, exact: true },
  unanswered: { code: 7, exact: true },
  busy: { code: 6, exact: true },
  // RemoteRelease: the other side let the line go, for whatever reason.
  declined: { code: 5, exact: false },
  // Cleared: the call was taken down before it was established.
  cancelled: { code: 19, exact: false },
  voicemail: { code: 9, exact: true },
  // ConverseOn: a machine of ours had the call.
  ivr_only: { code: 30, exact: false },
  failed: { code: 3, exact: true },
  // SITDetected: the network's tones said that it cannot be reached.
  unreachable: { code: 8, exact: false },
  invalid_number: { code: 11, exact: true },
  // DialError. Not DoNotCall, which is what the customer said.
  blocked: { code: 41, exact: false },
  unknown: { code: 28, exact: true },
};

/** By code, of an inbound call; `missed` and `abandoned` of any other are unanswered (`outcomeInDirection`). */
const OUTCOME_OF: readonly Outcome[] = [
  'unknown', // Ok: unset
  'answered', // Transferred
  'answered', // Conferenced
  'failed', // GeneralError
  'failed', // SystemError
  'declined', // RemoteRelease
  'busy', // Busy
  'missed', // NoAnswer
  'unreachable', // SITDetected
  'voicemail', // AnsweringMachine
  'failed', // AllTrunksBusy
  'invalid_number', // SITInvalidNumber
  'invalid_number', // SITVacant
  'invalid_number', // SITOperator: the operator intercepts what is out of use
  'unreachable', // SITUnknown
  'failed', // SITNoCircuit
  'failed', // SITReorder
  'answered', // FaxDetected: the line was picked up
  'failed', // QueueFull
  'cancelled', // Cleared
  'failed', // Overflowed
  'abandoned', // Abandoned
  'unknown', // Redirected
  'unknown', // Forwarded
  'answered', // Consult
  'answered', // PickedUp
  'abandoned', // Dropped: picked up, and nobody of ours was there
  'missed', // DroppedNoAnswer
  'unknown', // Unknown
  'unknown', // Covered
  'ivr_only', // ConverseOn
  'answered', // Bridged
  'answered', // Silence: picked up, nobody spoke
  'answered', // Answer
  'invalid_number', // NuTone: number unobtainable
  'failed', // NoDialTone
  'failed', // NoProgress
  'failed', // NoRingBack
  'missed', // NoEstablishedDetected
  'answered', // PagerDetected
  'answered', // WrongParty: somebody else picked up
  'failed', // DialError
  'failed', // CallDropError
  'failed', // SwitchError
  'failed', // NoFreePortError
  'failed', // TransferError
  'unknown', // Stale: left in flight
  'failed', // AgentCallbackError
  'failed', // GroupCallbackError
  'answered', // Deafened
  'answered', // Held
  'blocked', // DoNotCall
  'cancelled', // CancelRecord
  'invalid_number', // WrongNumber
];

export function resultOfOutcome(outcome: Outcome): OutcomeResult {
  return RESULT_OF[outcome];
}

/** Of a call in this direction; the record keeps its result. Throws RangeError for what is no code. */
export function outcomeOfResult(code: number, direction: Direction): Outcome {
  const outcome = OUTCOME_OF[code];
  if (outcome === undefined) throw new RangeError(`${code} is no call result`);
  return outcomeInDirection(outcome, direction);
}
