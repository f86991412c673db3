/** What may be written about campaigns, wherever it is written. */

/** Desktops send names in URLs and compare them letter by letter. */
export const CAMPAIGN_NAME = { max: 255, pattern: /^\S(?:.*\S)?$/su, meaning: 'without blanks at its ends' } as const;
/** Application ids are 32-bit integers of the vendor's configuration. */
export const MAX_APPLICATION_ID = 2_147_483_647;
export const DEFAULT_GROUP = 'Agents';
