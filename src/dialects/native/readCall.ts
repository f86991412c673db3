import { hash } from 'node:crypto';
import { contradictionsIn } from '../../calls/fold/contradictions.ts';
import { bareNumber } from '../../calls/fold/numberPlan.ts';
import type { CorrectedFields, IncomingReport, StatedCall } from '../../calls/reports/report.ts';
import type { Directory } from '../../ledger/directory.ts';
import { holdersOf } from '../../people/holders.ts';
import { readNumber } from '../../values/givenNumber.ts';
import { isCost, parseMoney } from '../../values/money.ts';
import { isPlausibleDuration } from '../../values/plausible.ts';
import { blankToNull, cleanText } from '../../values/text.ts';
import { readCallInstant } from './instants.ts';
import { invalid } from './problem.ts';
import type { NewCall, NewCorrection } from './schemas.ts';

export const NATIVE_CALL_KIND = 'native.call';

/** A call stated over `/v1` as a report. `name` is the call's, from `externalId` or the Idempotency-Key. */
export function readCall(
  body: NewCall,
  sourceId: number,
  name: string,
  raw: Uint8Array,
  directory: Directory,
): IncomingReport {
  const fact = statedCall(cleaned(body));
  return {
    sourceId,
    kind: NATIVE_CALL_KIND,
    name,
    key: hash('sha256', JSON.stringify(fact), 'base64url').slice(0, 22),
    fact,
    contentType: 'application/json',
    raw,
    ...(body.historical === true ? { historical: true } : {}),
    warnings: ambiguousExtension(fact, directory),
  };
}

/** Which of two PBXs it is an extension of, a program cannot say. */
function ambiguousExtension({ userId, extension, startedAt }: StatedCall, directory: Directory): readonly string[] {
  if (userId !== null || extension === null || holdersOf(directory, extension, startedAt).length < 2) return [];
  return ['extension: several users hold it at PBXs of their own, so that the call is nobody’s; state userId'];
}

function statedCall(body: NewCall): StatedCall {
  const startedAt = readCallInstant(body.startedAt, 'startedAt');
  const answeredAt = optionalInstant(body.answeredAt, 'answeredAt');
  const endedAt = optionalInstant(body.endedAt, 'endedAt');
  if (endedAt !== null && !isPlausibleDuration(Math.max(0, endedAt - startedAt) / 1000)) {
    throw invalid('endedAt', 'must not be more than 30 days after startedAt');
  }
  const stated: StatedCall = {
    form: 'call',
    externalId: readExternalId(body),
    direction: body.direction,
    from: partyOf(body.from),
    to: partyOf(body.to),
    startedAt,
    answeredAt,
    endedAt,
    durationSeconds: body.durationSeconds ?? null,
    ringSeconds: body.ringSeconds ?? null,
    talkSeconds: body.talkSeconds ?? null,
    queueWaitSeconds: body.queueWaitSeconds ?? null,
    outcome: body.outcome ?? null,
    cause: body.cause ?? null,
    disposition: body.disposition ?? null,
    userId: body.userId ?? null,
    extension: ownNumberOf(body.extension ?? null),
    queue: ownNumberOf(body.queue ?? null),
    line: body.line ?? null,
    trunkIn: body.trunkIn ?? null,
    trunkOut: body.trunkOut ?? null,
    did: partyOf(body.did ?? null),
    didName: body.didName ?? null,
    recording: body.recording ?? null,
    costMicros: readMoney(body.cost ?? null),
    currency: body.currency ?? null,
    vote: body.vote ?? null,
    failedReason: body.failedReason ?? null,
    note: body.note ?? null,
    links: body.links ?? null,
  };
  const [impossible] = contradictionsIn(stated);
  if (impossible !== undefined) throw invalid(impossible.field, impossible.detail);
  return stated;
}

/** As it can be stored: what names the call must be the same when it is read back. */
export const readExternalId = ({ externalId }: NewCall): string | null => blankToNull(cleanText(externalId ?? ''));

export function readCorrection(body: NewCorrection): CorrectedFields {
  const { startedAt, answeredAt, endedAt, cost, from, to, queue, ...rest } = cleaned(body.fields);
  return {
    ...rest,
    ...(from === undefined ? {} : { from: partyOf(from) }),
    ...(to === undefined ? {} : { to: partyOf(to) }),
    ...(queue === undefined ? {} : { queue: ownNumberOf(queue) }),
    ...(startedAt === undefined ? {} : { startedAt: readCallInstant(startedAt, 'fields.startedAt') }),
    ...(answeredAt === undefined ? {} : { answeredAt: optionalInstant(answeredAt, 'fields.answeredAt') }),
    ...(endedAt === undefined ? {} : { endedAt: readCallInstant(endedAt, 'fields.endedAt') }),
    ...(cost === undefined ? {} : { costMicros: readMoney(cost, 'fields.cost') }),
  };
}

/** A number without what stands around it, or any other name a party has; null where it was withheld. */
const partyOf = (given: string | null): string | null => readNumber(given).number;

/** An extension or a queue, as its users and its statistics know it; a name stays one. */
const ownNumberOf = (given: string | null): string | null => (given === null ? null : bareNumber(given));

const optionalInstant = (text: string | null | undefined, field: string): number | null =>
  text === null || text === undefined ? null : readCallInstant(text, field);

function readMoney(cost: string | number | null, field = 'cost'): number | null {
  if (cost === null) return null;
  const micros = parseMoney(String(cost));
  if (micros === null || !isCost(micros))
    throw invalid(field, 'must be a decimal with at most six decimals and nine digits before them');
  return micros;
}

/** NUL and lone surrogates cannot be stored as text everywhere; blank texts are no texts (ARCHITECTURE.md, section 4). */
function cleaned<T extends object>(body: T): T {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (typeof value === 'string') copy[name] = cleanText(value).trim() === '' ? null : cleanText(value);
    else if (Array.isArray(value)) copy[name] = value.map(each => cleanText(String(each)));
    else copy[name] = value;
  }
  return copy as T;
}
