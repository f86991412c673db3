/** The tables of codes in the documentation, made of what the server uses. */
import { sources } from '../../src/app/sourceKinds.ts';
import { foldCall } from '../../src/calls/fold/fold.ts';
import { numberPlanOf } from '../../src/calls/fold/numberPlan.ts';
import { legFact, PBX } from '../../src/calls/testing/testReports.ts';
import { CALL_RESULTS, callResultName } from '../../src/campaigns/callResult.ts';
import { outcomeOfResult, resultOfOutcome } from '../../src/campaigns/resultOutcome.ts';
import { outcomeOfStatusCode, statusCodeOf } from '../../src/dialects/bitrix24/statusCode.ts';
import { legStatusOf, statusWordOf } from '../../src/dialects/yeastar/legStatus.ts';
import type { Direction } from '../../src/values/direction.ts';
import { OUTCOMES, type Outcome } from '../../src/values/outcome.ts';

export type Row = readonly [string, ...string[]];

export const inCode = (text: string): string => `\`${text}\``;

const linesOf = (rows: readonly Row[]): string => rows.map(row => `| ${row.join(' | ')} |\n`).join('');

export const table = (head: Row, rows: readonly Row[]): string =>
  `${linesOf([head])}|${'---|'.repeat(head.length)}\n${linesOf(rows)}`;

/** What each outcome leaves as, in each language. */
export function outcomesTable(): string {
  const code = (text: string, exact: boolean) => `${exact ? '' : '≈ '}${text}`;
  const rows = OUTCOMES.map((outcome): Row => {
    const bitrix24 = statusCodeOf(outcome);
    const genesys = resultOfOutcome(outcome);
    const yeastar = statusWordOf(outcome);
    return [
      inCode(outcome),
      code(inCode(bitrix24.code), bitrix24.exact),
      code(`${genesys.code} ${callResultName(genesys.code)}`, genesys.exact),
      code(inCode(yeastar.word), yeastar.exact),
    ];
  });
  return table(['Outcome', 'Bitrix24', 'Genesys', 'Yeastar'], rows);
}

/** What a code means of an inbound call, and of any other where that differs. */
function perDirection(outcomeIn: (direction: Direction) => Outcome): string {
  const [inbound, outbound] = [outcomeIn('inbound'), outcomeIn('outbound')];
  return inbound === outbound ? inCode(inbound) : `${inCode(inbound)}, outbound ${inCode(outbound)}`;
}

/** Codes of `finish`, but for those that mean what their first digit says. */
export function statusCodesTable(): string {
  const numbers = Array.from({ length: 900 }, (_, n) => String(n + 100));
  const codes = [...numbers, '603-S', 'OTHER'].filter(code => {
    const ordinary = /^[456]\d\d$/.test(code) ? 'failed' : 'unknown';
    return outcomeOfStatusCode(code, 'inbound') !== ordinary || ['402', 'OTHER'].includes(code);
  });
  const ordered = codes.sort((a, b) => (a < b ? -1 : 1));
  const rows = ordered.map(
    (code): Row => [inCode(code), perDirection(direction => outcomeOfStatusCode(code, direction))],
  );
  return table(['Code', 'Outcome'], rows);
}

/** Code, name and outcome of the 54 call results; what else each is called stands in the page only. */
export const callResults = (): readonly Row[] =>
  Array.from(
    { length: CALL_RESULTS },
    (_, code): Row => [
      String(code),
      inCode(callResultName(code)),
      perDirection(direction => outcomeOfResult(code, direction)),
    ],
  );

/** What a call is whose only leg rang an extension, or went out from one, and has this status. */
export function statusesTable(): string {
  const words = ['ANSWERED', 'NO ANSWER', 'BUSY', 'VOICEMAIL', 'FAILED', 'ABANDONED', 'another word'];
  const context = { planOf: () => numberPlanOf(PBX, sources), holderOf: () => null };
  const rows = words.map((word): Row => {
    const outcome = perDirection(direction => {
      const [from, to] = direction === 'inbound' ? ['+442079460123', '2005'] : ['2005', '+442079460123'];
      const fact = legFact(to, 0, legStatusOf(word), [42, 30], { direction, from });
      return foldCall([{ reportId: 1, sourceCallId: 1, sourceId: PBX.id, key: 'leg', fact }], context).fields.outcome;
    });
    return [word === 'another word' ? word : inCode(word), outcome];
  });
  return table(['`status`', 'A call that has only this leg, at an extension'], rows);
}
