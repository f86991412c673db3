import { ALWAYS, FOREVER } from '../../people/entities.ts';
import type { Problems } from './fields.ts';
import type { Holding, OrganisationUser } from './organisation.ts';

interface Held extends Holding {
  readonly userId: number;
}

/**
 * Notes every extension or device that the file gives to two at the same time. What is held without dates gives way to
 * dated holdings that end, and to no others.
 */
export function noteHeldTwice(users: readonly OrganisationUser[], problems: Problems): void {
  for (const kind of ['extensions', 'devices'] as const) {
    const holdings = users.flatMap(user => user[kind].map((each): Held => ({ ...each, userId: user.id })));
    for (const held of Map.groupBy(holdings, each => each.what).values()) {
      for (let i = 1; i < held.length; i++) {
        // One other is enough to know where to look; all pairs of a long list would bury it.
        const other = held.slice(0, i).find(each => overlap(each, held[i]!) !== null);
        if (other !== undefined) problems.add(held[i]!.path, sentence(held[i]!, other));
      }
    }
  }
}

function sentence(held: Held, other: Held): string {
  const who = other.userId === held.userId ? 'the same user' : `user ${other.userId}`;
  const { from, to } = overlap(held, other)!;
  const since = from === ALWAYS ? '' : ` from ${new Date(from).toISOString()}`;
  const until = to === FOREVER ? ' on' : ` to ${new Date(to).toISOString()}`;
  const when = from === ALWAYS && to === FOREVER ? '' : since === '' ? until : since + until;
  return `gives ${held.what} to user ${held.userId} while ${who} holds it${when} (${other.path})`;
}

function overlap(a: Held, b: Held): { readonly from: number; readonly to: number } | null {
  if (isUndated(a) !== isUndated(b) && a.userId !== b.userId && (isUndated(a) ? b : a).to !== null) return null;
  const from = Math.max(a.from ?? ALWAYS, b.from ?? ALWAYS);
  const to = Math.min(a.to ?? FOREVER, b.to ?? FOREVER);
  return from < to ? { from, to } : null;
}

const isUndated = ({ from, to }: Held): boolean => from === null && to === null;
