import type { Direction } from '../../src/values/direction.ts';
import type { Outcome, QueueOutcome } from '../../src/values/outcome.ts';
import type { Person } from './people.ts';

/** One row of a PBX. What a call's rows have in common stands in the call. */
export interface FlowLeg {
  /** Seconds after the start of the call. */
  readonly at: number;
  /** The caller of the call unless said otherwise. */
  readonly from?: string;
  readonly to: string;
  readonly status: 'ANSWERED' | 'NO ANSWER' | 'BUSY' | 'VOICEMAIL' | 'FAILED' | 'ABANDONED';
  /** `call_duration` is both together. */
  readonly ring: number;
  readonly talk: number;
  readonly type?: 'Inbound' | 'Outbound' | 'Internal';
  readonly agentRing?: number;
  /** Went out by the trunk. */
  readonly out?: true;
}

/** A person's part. Seconds that were not told count as none. */
export interface Part {
  readonly who: Person;
  readonly role: 'answered' | 'transferred' | 'caller' | 'forwarded' | 'rang';
  readonly ring: number;
  readonly talk: number;
}

/** What became of the call in one queue, and how long the caller waited there. */
export interface Stay {
  readonly queue: string;
  readonly ended: QueueOutcome;
  readonly wait: number | null;
}

/** What really happened. A figure that is not there is not judged. */
export interface Truth {
  readonly direction: Direction;
  readonly outcome: Outcome;
  /** Unless it says so, a call is not short. */
  readonly short?: true;
  readonly duration: number;
  readonly ring: number | null;
  readonly talk: number;
  readonly wait: number | null;
  readonly queue: string | null;
  /** In their order; unless it says so, it was in `queue` alone, and ended there. */
  readonly queues?: readonly Stay[];
  /** Whose call it was in the end. */
  readonly user?: Person | null;
  /** The telephone that had it, where nobody holds that. */
  readonly extension?: string;
  readonly parts: readonly Part[];
  /** What each row reached, in the order in which it was reached. */
  readonly reached: readonly (readonly [to: string, party: string])[];
  /** What a warning on one of its reports says; unless it says so there is none. */
  readonly warning?: RegExp;
}

export interface FlowCall {
  readonly name: string;
  /** By the PBX's clock. */
  readonly at: string;
  /** In the night in which the hour comes twice: the second time. */
  readonly secondTime?: true;
  readonly from: string;
  readonly type: 'Inbound' | 'Outbound' | 'Internal';
  readonly legs: readonly FlowLeg[];
  readonly truth: Truth;
  /** Told by the other PBX, under the id that the call before it has at the first. */
  readonly elsewhere?: true;
  /** What the other PBX tells of the same call, joined with it by a person. `ahead`: seconds by which its clock is. */
  readonly joined?: Pick<FlowCall, 'from' | 'type' | 'legs'> & {
    readonly ahead?: number;
    /** What a person said of this part before it was joined. */
    readonly corrected?: { readonly outcome?: Outcome; readonly talkSeconds?: number };
  };
  /** How its rows arrive. */
  readonly arrives?: 'last first' | 'again, late';
}

export interface Flow {
  readonly name: string;
  readonly calls: readonly FlowCall[];
  /** Of the night in which clocks are turned back. */
  readonly inAutumn?: true;
}

export function staysOf({ queue, queues, outcome, wait }: Truth): readonly Stay[] {
  return queues ?? (queue === null ? [] : [{ queue, ended: outcome, wait }]);
}
