/**
 * STATUS_CODE of `finish`, CALL_FAILED_CODE of a row: the portal's own codes and the raw SIP codes that connectors send in
 * their place (docs/bitrix24.md, section 9). The call keeps its own code; these tables say what it means, and what a call
 * that came from elsewhere is shown as.
 */
import type { Direction } from '../../values/direction.ts';
import { type Outcome, outcomeInDirection } from '../../values/outcome.ts';
import { cleanText } from '../../values/text.ts';

/** Of an inbound call; `missed` of any other is unanswered (`outcomeInDirection`). */
const OUTCOME_OF_CODE: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  // The portal's own.
  ['200', 'answered'],
  ['304', 'missed'],
  ['402', 'failed'],
  ['403', 'blocked'],
  ['404', 'invalid_number'],
  ['423', 'blocked'],
  ['480', 'unreachable'],
  ['484', 'unreachable'],
  ['503', 'unreachable'],
  ['486', 'busy'],
  ['603', 'declined'],
  ['603-S', 'cancelled'],
  ['OTHER', 'unknown'],
  // SIP's, where they say more than that something failed.
  ['408', 'missed'],
  ['410', 'invalid_number'],
  ['433', 'blocked'],
  ['485', 'invalid_number'],
  ['487', 'cancelled'],
  ['600', 'busy'],
  ['604', 'invalid_number'],
  ['607', 'declined'],
  ['608', 'blocked'],
]);

/** Every other final answer of SIP that refuses. */
const SIP_FAILURE = /^[456]\d\d$/;

/** The portal's code for an outcome, and whether it leads back to it in its direction or only comes nearest. */
export interface StatusCode {
  readonly code: string;
  readonly exact: boolean;
}

const CODE_OF_OUTCOME: Readonly<Record<Outcome, StatusCode>> = {
  answered: { code: '200', exact: true },
  missed: { code: '304', exact: true },
  abandoned: { code: '304', exact: false },
  unanswered: { code: '304', exact: true },
  busy: { code: '486', exact: true },
  declined: { code: '603', exact: true },
  cancelled: { code: '603-S', exact: true },
  voicemail: { code: '304', exact: false },
  ivr_only: { code: '304', exact: false },
  failed: { code: 'OTHER', exact: false },
  unreachable: { code: '480', exact: true },
  invalid_number: { code: '404', exact: true },
  blocked: { code: '423', exact: true },
  unknown: { code: 'OTHER', exact: true },
};

/** The longest code in use has five characters; a sentence in its place is cut. */
const CODE_MAX_CHARS = 64;

/** As old pages print the names, `$MESS["VI_STATUS_200"]`: clients copied them whole or in part. */
const MESSAGE_KEY = /^\$MESS\[["']?([^"'\]]*)["']?\]$/;
const KEY_PREFIX = 'VI_STATUS_';

/** What a code means of a call in this direction, whatever the case of its letters; text that is no code is `unknown`. */
export function outcomeOfStatusCode(code: string, direction: Direction): Outcome {
  const known = OUTCOME_OF_CODE.get(code.toUpperCase());
  return outcomeInDirection(known ?? (SIP_FAILURE.test(code) ? 'failed' : 'unknown'), direction);
}

export function statusCodeOf(outcome: Outcome): StatusCode {
  return CODE_OF_OUTCOME[outcome];
}

/**
 * The code as it is kept: trimmed, without the name it has on old pages, and otherwise as it was sent, since raw codes of
 * every PBX are (docs/bitrix24.md, case 23). Null when blank.
 */
export function normaliseStatusCode(given: string): string | null {
  const start = given.trim().slice(0, CODE_MAX_CHARS);
  const key = MESSAGE_KEY.exec(start)?.[1] ?? start;
  const code = (key.startsWith(KEY_PREFIX) ? key.slice(KEY_PREFIX.length) : key).trim();
  return code === '' ? null : cleanText(code);
}

/** What a portal takes when `finish` names no code (docs/bitrix24.md, cases 20 to 22). */
export function defaultStatusCode(durationSeconds: number): string {
  return durationSeconds > 0 ? '200' : '304';
}
