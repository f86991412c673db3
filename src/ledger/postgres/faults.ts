import { DamagedRow } from '../columnValue.ts';
import { EngineFault, type FaultKind } from '../engine.ts';
import { DIVISION_BY_ZERO } from './statements.ts';

/**
 * What PostgreSQL reports of an error, its severity in the server's own language; one of this side has another code or
 * none.
 */
interface ErrorReply {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** PostgreSQL's codes have a digit, those of the operating system have none. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
/** The connection goes, or there was none to be had. */
const ENDING = /^(?:08|28|3D|57P|53300|25P03|25P04)/;

/** Codes, or the classes they begin with; https://www.postgresql.org/docs/current/errcodes-appendix.html */
const KINDS: Readonly<Record<string, FaultKind>> = {
  '53100': 'full', // disk_full
  '22': 'poison', // data exceptions: no such character, out of range
  '23': 'poison', // not null, unique
  '42804': 'poison', // datatype_mismatch
  '54': 'poison', // program limits: too long for an index
  XX001: 'fatal', // data_corrupted
  XX002: 'fatal', // index_corrupted
};

/** The address leads to a server that is yet to be promoted. */
export const IS_STANDBY = 'it is a standby, which cannot be written to';

/** The kind of a refused statement. What is not known is taken for passing: nothing is stored, and it is tried again. */
export function faultOf(error: unknown): EngineFault {
  if (error instanceof EngineFault) return error;
  // A row that a command has asked for: the others of its batch can do without it.
  if (error instanceof DamagedRow) return new EngineFault('poison', error.message, { cause: error });
  const { code } = error as ErrorReply;
  if (code === DIVISION_BY_ZERO) return new EngineFault('poison', 'a row is not there any more', { cause: error });
  const kind = typeof code === 'string' ? (KINDS[code] ?? KINDS[code.slice(0, 2)]) : undefined;
  return new EngineFault(kind ?? 'unavailable', messageOf(error), { cause: error });
}

/** Whether the server has answered that it did not run the statement. */
export function isAnswer(error: unknown): boolean {
  const { code } = error as ErrorReply;
  return typeof code === 'string' && SQLSTATE.test(code);
}

/** Whether the answer is about the statement, and would be the same again. */
export const isRefusal = (error: unknown): boolean =>
  isAnswer(error) && !ENDING.test(String((error as ErrorReply).code));

/** Of a statement after one that was refused. */
export const isFollowUp = (error: unknown): boolean => (error as ErrorReply).code === '25P02';

export const isLockTimeout = (error: unknown): boolean => (error as ErrorReply).code === '55P03';

/** The detail of an error names values, which do not belong into a log. */
export function messageOf(error: unknown): string {
  const { code, message } = error as ErrorReply;
  const text = error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : String(message ?? error);
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
}
