/** Rollups: narrow rows that calls add their share to, updated in the transaction that changes the call. */
import { defineCounter, integer, text } from '../ledger/entity.ts';
import type { Direction } from '../values/direction.ts';
import type { Outcome } from '../values/outcome.ts';

/** Seconds are sums; `talkSeconds` counts answered calls only: time in a mailbox is nobody's talk. */
export const SUMS = ['calls', 'durationSeconds', 'ringSeconds', 'talkSeconds'] as const;
export type Sum = (typeof SUMS)[number];

const kinds = { direction: text<Direction>(), outcome: text<Outcome>() };

/** `quarter`: quarter hours since 1970 UTC. */
export const rollupQuarter = defineCounter({
  name: 'rollupQuarter',
  key: { quarter: integer(), ...kinds },
  sums: SUMS,
});

/** `day`: days since 1970-01-01 of the local date in the organisation's zone. */
export const rollupUser = defineCounter({
  name: 'rollupUser',
  key: { day: integer(), userId: integer(), ...kinds },
  sums: SUMS,
});

export const rollupLine = defineCounter({
  name: 'rollupLine',
  key: { day: integer(), line: text(), ...kinds },
  sums: SUMS,
});

export const rollupQueue = defineCounter({
  name: 'rollupQueue',
  key: { day: integer(), queue: text(), ...kinds },
  sums: [...SUMS, 'queueWaitSeconds'],
});

/** Upper bounds in seconds of the histograms' buckets; the last bucket has none. */
export const BUCKETS = [10, 20, 30, 60, 120, 300, 600] as const;
const RING = ['ring0', 'ring1', 'ring2', 'ring3', 'ring4', 'ring5', 'ring6', 'ring7'] as const;
const TALK = ['talk0', 'talk1', 'talk2', 'talk3', 'talk4', 'talk5', 'talk6', 'talk7'] as const;
export const HISTOGRAMS = { ring: RING, talk: TALK } as const;

/** Day rows of a source carry the histograms of ring and talk. */
export const rollupSource = defineCounter({
  name: 'rollupSource',
  key: { day: integer(), sourceId: integer(), ...kinds },
  sums: [...SUMS, ...RING, ...TALK],
});

/**
 * What a call contributes, in terms of its own row: the row as it was before an amendment says exactly what to take out.
 */
export interface CountableCall {
  readonly id: number;
  readonly startedAt: number;
  /** A call without an end is not counted yet. */
  readonly endedAt: number | null;
  /** The local date it is counted in, days since 1970-01-01. */
  readonly day: number;
  readonly direction: Direction;
  readonly outcome: Outcome;
  readonly userId: number | null;
  readonly line: string | null;
  readonly queue: string | null;
  readonly sourceId: number;
  readonly durationSeconds: number | null;
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
  readonly queueWaitSeconds: number | null;
}

export const statisticsEntities = [rollupQuarter, rollupUser, rollupLine, rollupQueue, rollupSource];
