/** What may be written about sources, wherever it is written. */

export const SOURCE_KEY = {
  max: 64,
  // A path of dots alone would be taken for a directory.
  pattern: /^(?!\.+$)[A-Za-z0-9._-]+$/,
  meaning: 'made of letters, digits, dots, hyphens and underscores, since it stands in an address',
} as const;
export const AREA_CODE = { max: 10, pattern: /^\d+$/, meaning: 'digits, as in "30"' } as const;
export const OUTSIDE_PREFIX = { max: 10, pattern: /^[\d*#]+$/, meaning: 'what is dialled, as in "0"' } as const;
/** Of each kind of number. */
export const MAX_PATTERNS = 200;
export const DEFAULT_ABANDON_SECONDS = 5;
export const MAX_ABANDON_SECONDS = 3600;
