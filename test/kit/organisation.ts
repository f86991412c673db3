/** What the black-box tools agree on with the server they start: one PBX that signs, one administrator. */
export const TOKEN = 'campaign-token-0123456789';
export const SOURCE_KEY = 'hq';
export const SERIAL = '3651X0000001';
export const SECRET = 'AftercallTestSecret0123456789abc';
export const PBX_TIME_ZONE = 'Africa/Nairobi';
/** Nairobi keeps the same offset all year. */
export const PBX_OFFSET_SECONDS = 3 * 3_600;

export const ORGANISATION = {
  timeZone: 'Europe/Berlin',
  country: 'DE',
  tokens: [{ name: 'ops', token: TOKEN, roles: ['administrator'] }],
  sources: [
    {
      key: SOURCE_KEY,
      kind: 'yeastar',
      serial: SERIAL,
      timeZone: PBX_TIME_ZONE,
      secret: SECRET,
      numbers: { ivr: ['62xx'], queue: ['64xx'], internal: ['[1-4]xxx'] },
    },
  ],
} as const;
