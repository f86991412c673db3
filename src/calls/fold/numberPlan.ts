/**
 * What the numbers of one source are (docs/organisation-file.md, "What a number is"). The first that answers: a user holds it, the
 * source was configured so, its lists say so, and else whether it is a whole number.
 */
import type { Direction } from '../../values/direction.ts';
import { readNumber } from '../../values/givenNumber.ts';
import { compilePatterns } from '../../values/numberPattern.ts';
import { type PhoneContext, toE164 } from '../../values/phone.ts';
import { RecentCache } from '../../values/recentCache.ts';
import type { CallSource, ListedNumbers, NumberList, Sources } from '../sources.ts';
import { isInside, LISTED_PARTIES, type Party } from './party.ts';

/**
 * Who held an extension of a source, by its key, at an instant (UTC milliseconds); null when nobody did. A source that is null is any:
 * who alone held the number anywhere.
 */
export type HolderOf = (extension: string | null, source: string | null, at: number) => number | null;

/** What a number is, and what says so; null where nothing does. */
export interface NumberMeaning {
  readonly party: Party;
  readonly by: 'holder' | 'configured' | NumberList['by'] | null;
  readonly userId: number | null;
}

export interface NumberPlan {
  readonly shortSeconds: number;
  /** Whose extensions its numbers are, by the key of the PBX; null for a program, which tells of those of any. */
  readonly extensionsOf: string | null;
  meaningOf(number: string | null, at: number, holderOf: HolderOf): NumberMeaning;
  /** Null for internal, withheld and invalid numbers. `dialled` from inside, it may begin with the outside prefix. */
  e164(number: string | null, dialled: boolean): string | null;
}

/** As long as extensions and codes are: such a number is not taken for a caller's without a reason. */
const IS_SHORT = /^[\d*#]{1,6}$/;

const plans = new WeakMap<object, { readonly lists: readonly NumberList[]; readonly plan: NumberPlan }>();

/** The plan of a source; made once per row and lists, since a changed source is another row. */
export function numberPlanOf(
  source: Readonly<CallSource>,
  sources: Pick<Sources, 'listsOf' | 'hasExtensions'>,
): NumberPlan {
  const lists = sources.listsOf(source);
  const known = plans.get(source);
  if (known?.lists === lists) return known.plan;
  const plan = makePlan(source, lists, sources.hasExtensions(source) ? source.key : null);
  plans.set(source, { lists, plan });
  return plan;
}

function makePlan(source: Readonly<CallSource>, lists: readonly NumberList[], extensionsOf: string | null): NumberPlan {
  const { numbers, shortSeconds, country, areaCode, outsidePrefix } = source;
  const readers = [{ by: 'configured', numbers } as const, ...lists].map(each => ({
    by: each.by,
    partyOf: listReader(each.numbers),
  }));
  const listed = (number: string): Pick<NumberMeaning, 'party' | 'by'> | null => {
    for (const { by, partyOf } of readers) {
      const party = partyOf(number);
      if (party !== null) return { party, by };
    }
    return null;
  };
  // Without a list of what is internal, a short number may be: no area code is put before it.
  const isGuarded = (number: string) => (numbers.internal ?? []).length === 0 && IS_SHORT.test(number);
  const readings = new RecentCache<Reading>(REMEMBERED_NUMBERS);
  const readingOf = (given: string): Reading => {
    let reading = readings.get(given);
    if (reading !== undefined) return reading;
    const number = bareNumber(given);
    reading = { number, listed: listed(number), dialled: undefined, received: undefined, unlisted: undefined };
    if (given.length <= REMEMBERED_CHARS) readings.set(given, reading);
    return reading;
  };
  const derive = (number: string, dialled: boolean): string | null => {
    const context: PhoneContext = {
      country,
      areaCode: isGuarded(number) ? null : areaCode,
      outsidePrefix: dialled ? outsidePrefix : null,
    };
    return toE164(number, context);
  };
  const e164Of = (reading: Reading, dialled: boolean): string | null => {
    if (reading.listed !== null) return null;
    if (dialled) reading.dialled ??= derive(reading.number, true) ?? '';
    else reading.received ??= derive(reading.number, false) ?? '';
    return (dialled ? reading.dialled : reading.received) || null;
  };
  return {
    shortSeconds,
    extensionsOf,
    e164: (given, dialled) => (given === null ? null : e164Of(readingOf(given), dialled)),
    meaningOf(given, at, holderOf) {
      if (given === null) return { party: 'service', by: null, userId: null };
      const reading = readingOf(given);
      const userId = holderOf(reading.number, extensionsOf, at);
      if (userId !== null) return { party: 'extension', by: 'holder', userId };
      if (reading.listed !== null) return { ...reading.listed, userId: null };
      reading.unlisted ??= unlisted(reading.number, e164Of(reading, true));
      return { party: reading.unlisted, by: null, userId: null };
    },
  };
}

/** What a number is to a plan, as far as it has been asked: most are asked several times within a call. */
interface Reading {
  /** Without a name around it. */
  readonly number: string;
  readonly listed: Pick<NumberMeaning, 'party' | 'by'> | null;
  /** In E.164, as dialled from inside and as received; empty where it has none. */
  dialled: string | undefined;
  received: string | undefined;
  /** What it is where nobody holds it and no list names it. */
  unlisted: Party | undefined;
}

const REMEMBERED_NUMBERS = 4_096;
/** Longer is no number. */
const REMEMBERED_CHARS = 64;

function unlisted(number: string, e164: string | null): Party {
  if (!readNumber(number).dialable) return 'service';
  return e164 !== null || !IS_SHORT.test(number) ? 'external' : 'unknown';
}

function listReader(numbers: ListedNumbers): (number: string) => Party | null {
  const tests = LISTED_PARTIES.map(party => [party, compilePatterns(numbers[party] ?? [])] as const);
  const isExtension = compilePatterns(numbers.internal ?? []);
  return number => {
    for (const [party, isNamed] of tests) if (isNamed(number)) return party;
    return isExtension(number) ? 'extension' : null;
  };
}

/** Without a name around it; a text that is no number stays as it is. */
export const bareNumber = (given: string): string => readNumber(given).number ?? given.trim();

interface Called {
  readonly to: string | null;
  readonly did: string | null;
  readonly direction: Direction;
}

/** The number that was called, in E.164: coming in, that of ours, where what it reached is none. */
export const calledE164 = (plan: NumberPlan, { to, did, direction }: Called): string | null =>
  plan.e164(to, direction === 'outbound') ?? (direction === 'outbound' ? null : plan.e164(did, false));

/** Whether the number belongs to the PBX. */
export const isOwnNumber = (plan: NumberPlan, number: string | null, at: number, holderOf: HolderOf): boolean =>
  isInside(plan.meaningOf(number, at, holderOf).party);
