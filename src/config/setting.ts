import type { Directory } from '../ledger/directory.ts';
import { defineEntity, json, text } from '../ledger/entity.ts';

/** What holds for the whole organisation, one row per setting. */
export const setting = defineEntity({
  name: 'setting',
  columns: { key: text(), value: json<unknown>() },
  key: ['key'],
  resident: true,
});

/** Until an organisation file says otherwise. */
export const DEFAULT_TIME_ZONE = 'UTC';
export const DEFAULT_COUNTRY = 'US';

/**
 * `rollupZone` is the zone the days of the rollups are kept in; it follows `timeZone` at a start. `movingDays`: calls that were counted
 * before may still be in the days of another zone. `rebuilding`: the number of the rebuild of the statistics that is under way or was
 * interrupted, null without one. `portalList`: every call has its line in the list that Bitrix24 clients ask for. `foldRules`: the rules
 * that the calls of all sources, and those of single ones by their ids, were folded by at least.
 */
interface Settings {
  timeZone: string;
  country: string;
  rollupZone: string;
  movingDays: boolean;
  rebuilding: number | null;
  outboundAllow: readonly string[];
  portalList: boolean;
  foldRules: { readonly all: number; readonly sources: Readonly<Record<string, number>> };
}

const DEFAULTS: Settings = {
  timeZone: DEFAULT_TIME_ZONE,
  country: DEFAULT_COUNTRY,
  rollupZone: DEFAULT_TIME_ZONE,
  movingDays: false,
  rebuilding: null,
  outboundAllow: [],
  portalList: false,
  foldRules: { all: 1, sources: {} },
};

/** From the directory, or from the state within a command. */
export function readSetting<K extends keyof Settings>(from: Pick<Directory, 'get'>, key: K): Settings[K] {
  return (from.get(setting, key)?.value ?? DEFAULTS[key]) as Settings[K];
}
