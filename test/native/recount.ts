import type { CallView, SummaryView, SumsView } from '../kit/v1Views.ts';

export const KEYS = ['quarter', 'hour', 'day', 'user', 'line', 'source', 'outcome'] as const;
export type SummaryKey = (typeof KEYS)[number];

export interface Question {
  readonly by: SummaryKey;
  readonly timeZone: string;
  /** ISO 8601; undefined since ever or for ever. */
  readonly startedFrom?: string;
  readonly startedTo?: string;
}

const QUARTER_MS = 15 * 60_000;

/** The summary as anybody would count it from the list of calls. */
export function recount(calls: readonly CallView[], question: Question): SummaryView {
  const from = question.startedFrom === undefined ? Number.NEGATIVE_INFINITY : Date.parse(question.startedFrom);
  const to = question.startedTo === undefined ? Number.POSITIVE_INFINITY : Date.parse(question.startedTo);
  const counted = calls.filter(each => {
    const at = Date.parse(each.startedAt);
    return each.endedAt !== null && at >= from && at < to;
  });
  const groups = Map.groupBy(counted, each => keyOf(each, question));
  const rows = [...groups].filter(([key]) => key !== null).map(([key, each]) => ({ key: key!, ...sumsOf(each) }));
  return { rows: rows.toSorted(inOrder(question.by)), totals: sumsOf(counted) };
}

function sumsOf(calls: readonly CallView[]): SumsView {
  const having = (outcome: string) => calls.filter(each => each.outcome === outcome);
  return {
    calls: calls.length,
    answered: having('answered').length,
    missed: having('missed').length,
    abandoned: having('abandoned').length,
    talkSeconds: having('answered').reduce((sum, each) => sum + (each.talkSeconds ?? 0), 0),
  };
}

function keyOf(call: CallView, { by, timeZone }: Question): string | null {
  const local = Temporal.Instant.from(call.startedAt).toZonedDateTimeISO(timeZone);
  switch (by) {
    case 'quarter':
      return isoOf(Math.floor(Date.parse(call.startedAt) / QUARTER_MS) * QUARTER_MS);
    case 'hour':
      return isoOf(local.with({ minute: 0, second: 0, millisecond: 0 }).epochMilliseconds);
    case 'day':
      return local.toPlainDate().toString();
    case 'user':
      return call.userId === null ? null : String(call.userId);
    case 'line':
      return call.line;
    case 'source':
      return call.source;
    case 'outcome':
      return call.outcome;
  }
}

const isoOf = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');

/** Time and users ascending; names as text, by code points. */
export const inOrder =
  (by: SummaryKey) =>
  (a: { readonly key: string }, b: { readonly key: string }): number =>
    by === 'user' ? Number(a.key) - Number(b.key) : a.key < b.key ? -1 : 1;
