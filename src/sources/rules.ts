/** What may be written about sources, wherever it is written. */

export const SOURCE_KEY = {
  max: 64,
  // A path of dots alone would be taken for a directory.
  pattern: /^(?!\.+$)[A-Za-z0-9._-]+$/,
  meaning: 'made of letters, digits, dots, hyphens and underscores, since it stands in an address',
} as const;
export const AREA_CODE = { max: 10, pattern: /^\d+$/, meaning: 'digits, as in "30"' } as const;
export const OUTSIDE_PREFIX = { max: 10, pattern: /^[\d*#]+$/, meaning: 'what is dialled, as in "0"' } as const;
/** What `numbers` of a source can say of a number; `internal`: an extension. */
export const NUMBER_CLASSES = [
  'ivr',
  'queue',
  'ringGroup',
  'conference',
  'paging',
  'parking',
  'voicemail',
  'internal',
] as const;
/** Of each kind of number. */
export const MAX_PATTERNS = 200;
export const DEFAULT_SHORT_SECONDS = 5;
export const MAX_SHORT_SECONDS = 3600;
