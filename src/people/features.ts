/** What an agent desktop may use (docs/genesys.md, section 5.5), unless somebody says otherwise. */
export const DEFAULT_FEATURES: readonly string[] = ['api-voice-outbound'];

/** A name that begins with `api-` is kept, known or not: desktops ask for features by name. */
export const FEATURE = /^api-[a-z0-9-]{1,60}$/;
export const MAX_FEATURES = 50;
