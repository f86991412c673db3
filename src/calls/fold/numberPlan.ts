import type { Direction } from '../../values/direction.ts';
import { compilePatterns } from '../../values/numberPattern.ts';
import { type PhoneContext, toE164 } from '../../values/phone.ts';
import type { CallSource } from '../sources.ts';
import type { Party } from './party.ts';

/** The numbers of one source: what is internal, and how the others are written. */
export interface NumberPlan {
  readonly abandonSeconds: number;
  partyOf(number: string | null, direction: Direction): Party;
  /** Null for internal, withheld and invalid numbers. `dialled` from inside, it may begin with the outside prefix. */
  e164(number: string | null, dialled: boolean): string | null;
  isInternal(number: string | null): boolean;
}

/** Without patterns of its own, a PBX's internal numbers are 2 to 6 digits long. */
const LOOKS_INTERNAL = /^\d{2,6}$/;
const IS_NUMBER = /^[+*#]?[\d*#]+$/;

const plans = new WeakMap<object, NumberPlan>();

/** The plan of a source; made once per row, since a changed source is another row. */
export function numberPlanOf(source: Readonly<CallSource>): NumberPlan {
  let plan = plans.get(source);
  if (plan === undefined) {
    plan = makePlan(source);
    plans.set(source, plan);
  }
  return plan;
}

function makePlan(source: Readonly<CallSource>): NumberPlan {
  const { numbers, abandonSeconds, country, areaCode, outsidePrefix } = source;
  const isIvr = compilePatterns(numbers.ivr);
  const isQueue = compilePatterns(numbers.queue);
  const isListed = compilePatterns(numbers.internal);
  const received: PhoneContext = { country, areaCode, outsidePrefix: null };
  const dialledOut: PhoneContext = { country, areaCode, outsidePrefix };
  const isInternal = (number: string | null): boolean => {
    if (number === null) return false;
    if (isIvr(number) || isQueue(number)) return true;
    return numbers.internal.length > 0 ? isListed(number) : LOOKS_INTERNAL.test(number);
  };
  return {
    abandonSeconds,
    isInternal,
    partyOf(number, direction) {
      if (number === null) return 'unknown';
      if (!IS_NUMBER.test(number.replace(/[\s().-]/g, ''))) return 'service';
      if (direction === 'outbound') return 'external';
      if (isIvr(number)) return 'ivr';
      if (isQueue(number)) return 'queue';
      return isInternal(number) ? 'extension' : 'external';
    },
    e164: (number, dialled) => (isInternal(number) ? null : toE164(number, dialled ? dialledOut : received)),
  };
}
