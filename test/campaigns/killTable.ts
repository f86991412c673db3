import type { KillLoopSummary } from './killLoop.ts';

/** The figures of a campaign, as a Markdown table. */
export function killTable(summary: KillLoopSummary): string {
  const { findings } = summary;
  const rows: readonly (readonly [what: string, figure: number | string])[] = [
    ['rounds, each ended by kill -9', summary.rounds],
    ['of these killed once more while starting', summary.killedWhileStarting],
    ['calls', summary.calls],
    ['of these told of by two or three', summary.sharedCalls],
    ['30012 acknowledged before a kill', summary.acknowledgedEvents],
    ['register acknowledged before a kill', summary.acknowledgedRegistrations],
    ['finish acknowledged before a kill', summary.acknowledgedFinishes],
    ['CompleteRecord acknowledged before a kill', summary.acknowledgedCompletions],
    ['sent again after a kill', summary.resent],
    ['records completed', summary.recordsCompleted],
    ['lost', findings.lost.size],
    ['doubled', findings.doubled.size],
    ['invented', findings.invented.size],
    ['miscounted', findings.miscounted.size],
    ['acknowledgements that reached the next session', summary.reached],
    ['of these to requests without an answer', summary.reachedUnanswered],
    ['acknowledgements missed', findings.missed.size],
    ['confirmed, and told again', findings.repeated.size],
    ['confirmed less than a moment before a kill, and told again', summary.toldAgain],
    ['calls told of by two, too late to be joined', summary.joinedTooLate],
    ['longest restart, ms', Math.round(summary.longestRestartMs)],
    ['verify exited with', [...new Set(summary.verifyExitCodes)].join(', ')],
  ];
  const text = rows.map(([what, figure]) => [what, figure.toLocaleString('en-US')] as const);
  const widths = [Math.max(...text.map(([what]) => what.length)), Math.max(...text.map(([, figure]) => figure.length))];
  const line = (what: string, figure: string) => `| ${what.padEnd(widths[0]!)} | ${figure.padStart(widths[1]!)} |`;
  const rule = `| ${'-'.repeat(widths[0]!)} | ${'-'.repeat(widths[1]! - 1)}: |`;
  return [line('kill -9 under load', ''), rule, ...text.map(([what, figure]) => line(what, figure))].join('\n');
}
