import { clashOf, clashTime, placeKey, placeName, SOURCE_HINT } from '../../people/holdings.ts';
import type { Problems } from './fields.ts';
import type { OrganisationUser } from './organisation.ts';

/**
 * Notes every extension or device that the file gives to two at the same time. What is held without dates gives way to
 * dated holdings that end, and to no others.
 */
export function noteHeldTwice(users: readonly OrganisationUser[], problems: Problems): void {
  for (const kind of ['extensions', 'devices'] as const) {
    const holdings = users.flatMap(user => user[kind].map(each => ({ ...each, userId: user.id })));
    for (const held of Map.groupBy(holdings, placeKey).values()) {
      for (let i = 1; i < held.length; i++) {
        // One other is enough to know where to look; all pairs of a long list would bury it.
        const clash = held
          .slice(0, i)
          .map(each => clashOf(held[i]!, each))
          .find(each => each !== null);
        if (clash !== undefined) problems.add(held[i]!.path, sentence(clash, kind));
      }
    }
  }
}

type FileClash = NonNullable<
  ReturnType<
    typeof clashOf<{
      what: string;
      source: string;
      path: string;
      userId: number;
      from: number | null;
      to: number | null;
    }>
  >
>;

function sentence({ held, other, from, to }: FileClash, kind: 'extensions' | 'devices'): string {
  const isSame = other.userId === held.userId;
  const who = isSame ? 'the same user' : `user ${other.userId}`;
  const hint = kind === 'extensions' && !isSame ? `; ${SOURCE_HINT}` : '';
  return `gives ${placeName(held)} to user ${held.userId} while ${who} holds it${clashTime(from, to)} (${other.path})${hint}`;
}
