/**
 * `status` of event 30012: what the words of a PBX mean, and the word that says an outcome (docs/yeastar.md, section 1.2).
 */
import type { LegStatus } from '../../calls/reports/report.ts';
import type { Outcome } from '../../values/outcome.ts';

/** Every `status` of event 30012 that any edition of the guide lists (docs/yeastar.md, section 1.2). */
const STATUS_OF_WORD: ReadonlyMap<string, LegStatus> = new Map<string, LegStatus>([
  ['ANSWERED', 'answered'],
  // The older guide's spelling (docs/yeastar.md, case C10).
  ['ANSWERD', 'answered'],
  ['NO ANSWER', 'no_answer'],
  ['BUSY', 'busy'],
  ['VOICEMAIL', 'voicemail'],
  ['FAILED', 'failed'],
  ['ABANDONED', 'abandoned'],
]);

/**
 * What the PBX's word means, whatever its case; a word that is not in the table is `unknown` (docs/yeastar.md, case C11).
 */
export function legStatusOf(word: string): LegStatus {
  return STATUS_OF_WORD.get(word) ?? STATUS_OF_WORD.get(word.trim().toUpperCase()) ?? 'unknown';
}

/** The PBX's word for an outcome, and whether it leads back to it in its direction or only comes nearest. */
export interface StatusWord {
  readonly word: string;
  readonly exact: boolean;
}

const WORD_OF_OUTCOME: Readonly<Record<Outcome, StatusWord>> = {
  answered: { word: 'ANSWERED', exact: true },
  missed: { word: 'NO ANSWER', exact: true },
  abandoned: { word: 'ABANDONED', exact: true },
  unanswered: { word: 'NO ANSWER', exact: true },
  busy: { word: 'BUSY', exact: true },
  // A telephone that declines is busy to the caller.
  declined: { word: 'BUSY', exact: false },
  cancelled: { word: 'NO ANSWER', exact: false },
  voicemail: { word: 'VOICEMAIL', exact: true },
  // The machine picked up, which is all that ANSWERED of a menu says (docs/yeastar.md, trap T7).
  ivr_only: { word: 'ANSWERED', exact: false },
  failed: { word: 'FAILED', exact: true },
  unreachable: { word: 'FAILED', exact: false },
  invalid_number: { word: 'FAILED', exact: false },
  blocked: { word: 'FAILED', exact: false },
  unknown: { word: 'FAILED', exact: false },
};

export function statusWordOf(outcome: Outcome): StatusWord {
  return WORD_OF_OUTCOME[outcome];
}
