/**
 * The 54 call results (docs/genesys.md, section 3.1): the place in the list is the code. The rest of a line are other
 * spellings of it.
 */
const RESULTS: readonly (readonly [name: string, ...aliases: string[]])[] = [
  ['Ok'],
  ['Transferred'],
  ['Conferenced'],
  ['GeneralError'],
  ['SystemError'],
  ['RemoteRelease'],
  ['Busy'],
  ['NoAnswer'],
  ['SITDetected'],
  ['AnsweringMachine', 'AnsweringMachineDetected'],
  ['AllTrunksBusy'],
  ['SITInvalidNumber', 'SITInvalidNum'],
  ['SITVacant'],
  ['SITOperator', 'SITIntercept', 'SITOper', 'SITOperIntercept'],
  ['SITUnknown'],
  ['SITNoCircuit'],
  ['SITReorder'],
  ['FaxDetected', 'Fax'],
  ['QueueFull'],
  ['Cleared'],
  ['Overflowed'],
  ['Abandoned'],
  ['Redirected'],
  ['Forwarded'],
  ['Consult'],
  ['PickedUp'],
  ['Dropped'],
  ['DroppedNoAnswer', 'DroppedOnNoAnswer'],
  ['Unknown', 'UnknownCallResult'],
  ['Covered'],
  ['ConverseOn'],
  ['Bridged'],
  ['Silence'],
  ['Answer', 'Answered'],
  ['NuTone'],
  ['NoDialTone'],
  ['NoProgress'],
  ['NoRingBack', 'NoRingBackTone'],
  ['NoEstablishedDetected', 'NoEstablished'],
  ['PagerDetected', 'Pager'],
  ['WrongParty'],
  ['DialError'],
  ['CallDropError', 'DropError'],
  ['SwitchError'],
  ['NoFreePortError', 'NoPortAvailable', 'NoFreePort'],
  ['TransferError'],
  ['Stale'],
  ['AgentCallbackError'],
  ['GroupCallbackError'],
  ['Deafened'],
  ['Held'],
  ['DoNotCall'],
  ['CancelRecord', 'Cancelled', 'Canceled'],
  ['WrongNumber'],
];

/** How many there are: codes are 0 to one less. */
export const CALL_RESULTS = RESULTS.length;

/** What a record has that nobody has dialled. */
export const UNKNOWN_RESULT = 28;
export const DO_NOT_CALL_RESULT = 51;
export const CANCEL_RECORD_RESULT = 52;

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');

const codes = new Map(RESULTS.flatMap((names, code) => names.map(name => [plain(name), code] as const)));

/** The longest name with blanks between its words is half as long. */
const MAX_LENGTH = 64;

/**
 * The code of a result given by name or alias, whatever the case and with blanks, `_` and `-` anywhere, or as a code
 * (number or digits); null when it is none (docs/genesys.md, sections 2.2, 3.1).
 */
export function callResultOf(given: unknown): number | null {
  if (typeof given === 'number') return Number.isInteger(given) && given >= 0 && given < CALL_RESULTS ? given : null;
  if (typeof given !== 'string' || given.length > MAX_LENGTH) return null;
  const text = given.trim();
  return /^\d{1,2}$/.test(text) ? callResultOf(Number(text)) : (codes.get(plain(text)) ?? null);
}

/** Throws RangeError for what is no code. */
export function callResultName(code: number): string {
  const names = RESULTS[code];
  if (names === undefined) throw new RangeError(`${code} is no call result`);
  return names[0];
}
