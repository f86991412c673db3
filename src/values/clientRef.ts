/** In the order in which a caller is looked for: contacts before leads before companies. */
export const CLIENT_TYPES = ['CONTACT', 'LEAD', 'COMPANY'] as const;
export type ClientType = (typeof CLIENT_TYPES)[number];

/** Somebody who calls or is called; ids are counted per type. */
export interface ClientRef {
  readonly type: ClientType;
  readonly id: number;
}
