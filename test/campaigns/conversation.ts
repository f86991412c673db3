/** What really happened at one telephone, for those who tell of it. */
import type { Employee } from '../kit/portal.ts';
import type { Random } from '../kit/random.ts';
import { readLeg } from '../kit/reportedCalls.ts';
import type { CallGenerator, GeneratedCall } from '../kit/yeastarEvents.ts';

export interface Conversation extends Employee {
  /** The other party, as the PBX writes it. */
  readonly number: string;
  readonly direction: 'inbound' | 'outbound';
  /** Null: just now, and nobody says when. */
  readonly startedAtSeconds: number | null;
  readonly talkSeconds: number;
  readonly answered: boolean;
  /** The PBX's id of the call; null where no PBX tells of it. */
  readonly callId: string | null;
}

export const partiesOf = ({ extension, number, direction }: Conversation): string =>
  `${extension} ${direction} ${number}`;

interface SharingOptions {
  readonly random: Random;
  readonly employees: readonly Employee[];
  /** Share of the calls of these employees that are offered. */
  readonly share: number;
  readonly offer: (conversation: Conversation) => void;
}

/**
 * The same calls, some of them offered to somebody else who will tell of them too. No employee speaks with the same number
 * twice: who is to be found by extension, number and time could otherwise be either of two.
 */
export function sharedCalls(calls: CallGenerator, { random, employees, share, offer }: SharingOptions): CallGenerator {
  const holders = new Map(employees.map(each => [each.extension, each]));
  const seen = new Set<string>();
  return {
    next: () => {
      for (;;) {
        const call = calls.next();
        const conversations = conversationsIn(call, holders);
        if (conversations.some(each => seen.has(partiesOf(each)))) continue;
        for (const each of conversations) seen.add(partiesOf(each));
        if (conversations.length === 1 && random.chance(share)) offer(conversations[0]!);
        return call;
      }
    },
  };
}

/** Legs between one of the employees and somebody outside. */
function conversationsIn(call: GeneratedCall, holders: ReadonlyMap<string, Employee>): readonly Conversation[] {
  return call.events.flatMap(event => {
    const { from, to, direction, status, startedAtSeconds, talkSeconds } = readLeg(event);
    const employee = holders.get(direction === 'Outbound' ? from : to);
    if (direction === 'Internal' || employee === undefined) return [];
    const answered = status === 'ANSWERED';
    return {
      ...employee,
      number: direction === 'Outbound' ? to : from,
      direction: direction === 'Outbound' ? ('outbound' as const) : ('inbound' as const),
      startedAtSeconds,
      talkSeconds: answered ? talkSeconds : 0,
      answered,
      callId: call.callId,
    };
  });
}
