import type { LegStatus } from '../../calls/report.ts';

/** Every `status` of event 30012 that any edition of the guide lists (reference section 1.2). */
const STATUS_OF_WORD: ReadonlyMap<string, LegStatus> = new Map<string, LegStatus>([
  ['ANSWERED', 'answered'],
  // The older guide's spelling (case C10).
  ['ANSWERD', 'answered'],
  ['NO ANSWER', 'no_answer'],
  ['BUSY', 'busy'],
  ['VOICEMAIL', 'voicemail'],
  ['FAILED', 'failed'],
  ['ABANDONED', 'abandoned'],
]);

/** What the PBX's word means, whatever its case; a word that is not in the table is `unknown` (case C11). */
export function legStatusOf(word: string): LegStatus {
  return STATUS_OF_WORD.get(word) ?? STATUS_OF_WORD.get(word.trim().toUpperCase()) ?? 'unknown';
}
