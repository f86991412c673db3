import type { ClusterSummary } from './clusterCampaign.ts';

/** The figures of a campaign, as a Markdown table. */
export function clusterTable(summary: ClusterSummary): string {
  const { findings, acknowledged } = summary;
  const all = Object.values(acknowledged).reduce((sum, each) => sum + each, 0);
  const rows: readonly (readonly [what: string, figure: number | string])[] = [
    ['rounds', summary.rounds],
    ['nodes', summary.nodes],
    ['seconds of load', Math.round(summary.seconds)],
    ['requests acknowledged a second', Math.round(all / summary.seconds)],
    ['30012 acknowledged', acknowledged.events],
    ['register acknowledged', acknowledged.registrations],
    ['finish acknowledged', acknowledged.finishes],
    ['CompleteRecord acknowledged', acknowledged.completions],
    ['sent, or sent again, after the load', summary.resent],
    ['calls', summary.calls],
    ['of these told of by two or three', summary.sharedCalls],
    ['records completed', summary.recordsCompleted],
    ['events told by each node', summary.events],
    ['lost', findings.lost.size],
    ['doubled', findings.doubled.size],
    ['invented', findings.invented.size],
    ['miscounted', findings.miscounted.size],
    ['acknowledgements missed by desktops', findings.missed.size],
    ['confirmed by desktops, and told again', findings.repeated.size],
    ['acknowledgements that reached the next session', summary.reached],
    ['of these to requests without an answer', summary.reachedUnanswered],
    ['confirmed, but perhaps not stored, and told again', summary.toldAgain],
    ['calls told of by two, too late to be joined', summary.joinedTooLate],
    ['longest pause of those who were to go on, ms', Math.round(summary.longestPauseMs)],
    ['longest wait of a desktop for an acknowledgement, ms', Math.round(summary.longestWaitMs)],
    ['longest time between two nodes telling of an entry, ms', Math.round(summary.longestLagMs)],
    ['verify exited with', [...new Set(summary.verifyExitCodes)].join(', ')],
  ];
  const text = rows.map(([what, figure]) => [what, figure.toLocaleString('en-US')] as const);
  const first = Math.max(summary.title.length, ...text.map(([what]) => what.length));
  const second = Math.max(...text.map(([, figure]) => figure.length));
  const line = (what: string, figure: string) => `| ${what.padEnd(first)} | ${figure.padStart(second)} |`;
  const rule = `| ${'-'.repeat(first)} | ${'-'.repeat(second - 1)}: |`;
  return [line(summary.title, ''), rule, ...text.map(([what, figure]) => line(what, figure))].join('\n');
}
