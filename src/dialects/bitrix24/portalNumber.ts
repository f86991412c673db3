/** PORTAL_NUMBER. Without a line the application stands in its place, and a webhook is none (reference section 21, 27). */
export const portalNumber = (lineNumber: string | null): string => lineNumber ?? 'REST_APP:';
