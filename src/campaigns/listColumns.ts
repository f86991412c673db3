/** The columns of a calling list that mean something here (docs/genesys.md, section 4.1), and how their fields are read. */
import { isTimeZone } from '../values/zonedTime.ts';
import { callResultOf, UNKNOWN_RESULT } from './callResult.ts';
import { LAST_SECOND_OF_DAY } from './dailyWindow.ts';
import { phoneTypeOf } from './phoneType.ts';
import { STATUS, TYPE } from './recordState.ts';

export interface ListColumn<T> {
  /** Null for what cannot be. */
  readonly read: (text: string) => T | null;
  /** `must be …` */
  readonly meaning: string;
}

const MAX_CONTACT_LENGTH = 128;
const MAX_LOGIN_LENGTH = 255;
/** Above are the chains that records without `chain_id` get of their own; all of them fit into 32 bits. */
export const MAX_CHAIN_ID = 999_999_999;
const MAX_COUNT = 1_000_000;
/** Seconds; more are milliseconds (docs/genesys.md, section 2.2). */
const MAX_EPOCH_SECONDS = 100_000_000_000;
/** The end of the year 9999. */
const MAX_INSTANT_MS = 253_402_300_799_999;

function whole(min: number, max: number): ListColumn<number> {
  return {
    read: text => (/^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : null),
    meaning: `a whole number from ${min} to ${max}`,
  };
}

const plainText = (max: number): ListColumn<string> => ({
  read: text => (text.length <= max && !/\p{Cc}/u.test(text) ? text : null),
  meaning: `text of at most ${max} characters, without control characters`,
});

/** UTC milliseconds, 0 for an instant that is not set. */
const instant: ListColumn<number> = {
  read: text => {
    const given = whole(0, MAX_INSTANT_MS).read(text);
    return given === null || given > MAX_EPOCH_SECONDS ? given : given * 1000;
  },
  meaning: 'seconds since 1970-01-01 UTC',
};

const remembered = new Map<string, boolean>();
/** More than there are names of zones. */
const MAX_REMEMBERED = 1_000;

function isKnownZone(name: string): boolean {
  let isKnown = remembered.get(name);
  if (isKnown === undefined) {
    isKnown = isTimeZone(name);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(name, isKnown);
  }
  return isKnown;
}

export const LIST_COLUMNS = {
  record_id: whole(0, Number.MAX_SAFE_INTEGER),
  contact_info: plainText(MAX_CONTACT_LENGTH),
  contact_info_type: { read: phoneTypeOf, meaning: 'a phone type: a name as in "Mobile", or a code from 0 to 11' },
  record_type: whole(TYPE.unknown, TYPE.noCall),
  record_status: whole(STATUS.ready, STATUS.delegated),
  call_result: { read: callResultOf, meaning: 'a call result: a name as in "NoAnswer", or a code from 0 to 53' },
  attempt: whole(0, MAX_COUNT),
  dial_sched_time: instant,
  call_time: instant,
  daily_from: whole(0, LAST_SECOND_OF_DAY),
  daily_till: whole(0, LAST_SECOND_OF_DAY),
  time_zone: {
    read: text => (isKnownZone(text) ? text : null),
    meaning: 'the name of a time zone, as in "America/New_York"',
  },
  agent_id: plainText(MAX_LOGIN_LENGTH),
  chain_id: whole(0, MAX_CHAIN_ID),
  chain_n: whole(0, MAX_COUNT),
} as const satisfies Readonly<Record<string, ListColumn<number> | ListColumn<string>>>;

export type ListColumnName = keyof typeof LIST_COLUMNS;

/** What a record has where the file says nothing. */
export const LIST_DEFAULTS = {
  contactInfoType: 0,
  recordType: TYPE.general,
  recordStatus: STATUS.ready,
  callResult: UNKNOWN_RESULT,
  attempt: 0,
  dailyFrom: 0,
  dailyTill: LAST_SECOND_OF_DAY,
};

const ALIASES: Readonly<Record<string, ListColumnName>> = { timezone: 'time_zone', tz_name: 'time_zone' };

/** Columns of the vendor's own format that point into its database: they mean nothing here, and are nobody's custom data. */
const WITHOUT_MEANING: ReadonlySet<string> = new Set([
  'tz_dbid',
  'campaign_id',
  'group_id',
  'app_id',
  'treatments',
  'media_ref',
  'email_subject',
  'email_template_id',
  'switch_id',
]);

/** What a header means; null for one that means nothing here, and a custom column's own name. */
export function columnOf(header: string): { readonly known: ListColumnName } | { readonly custom: string } | null {
  const name = header.toLowerCase();
  if (WITHOUT_MEANING.has(name)) return null;
  if (Object.hasOwn(LIST_COLUMNS, name)) return { known: name as ListColumnName };
  if (Object.hasOwn(ALIASES, name)) return { known: ALIASES[name]! };
  return { custom: header };
}
