/**
 * PORTAL_NUMBER. Without a line the application stands in its place, and a webhook is none (docs/bitrix24.md, section 21,
 * row 27).
 */
export const portalNumber = (lineNumber: string | null): string => lineNumber ?? 'REST_APP:';
