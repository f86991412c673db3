/**
 * The second step of attachRecord: an address that is its own permission (docs/bitrix24.md, section 11.4). It says to which
 * call a file belongs, and bears a signature of this server's; nothing is kept of it, so it outlives a restart.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface UploadSlot {
  /** The line of the portal's list. */
  readonly line: number;
  /** Who was given it. */
  readonly webhook: number;
  readonly fileName: string;
  /** UTC milliseconds: valid before. */
  readonly until: number;
}

/** Connectors queue what they have to upload (docs/bitrix24.md, section 11.4). */
export const SLOT_MS = 24 * 3_600_000;

/** What the part of the form is called that holds the file: the answer of attachRecord says so. */
export const FILE_PART = 'file';

const KIND = 'telephony';

/** As it stands in the address, before its signs are encoded. */
export function slotToken(key: Uint8Array, slot: UploadSlot): string {
  const payload = `${KIND}|${Buffer.from(JSON.stringify(slot)).toString('base64url')}`;
  return `${payload}|${signatureOf(key, payload).toString('base64url')}`;
}

/** Null when it is not one of ours, was changed, or is over. */
export function readSlotToken(key: Uint8Array, token: string, now: number): UploadSlot | null {
  const [kind, data, signature, more] = token.split('|');
  if (kind !== KIND || data === undefined || signature === undefined || more !== undefined) return null;
  const expected = signatureOf(key, `${kind}|${data}`);
  const given = Buffer.from(signature, 'base64url');
  if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) return null;
  const slot = JSON.parse(Buffer.from(data, 'base64url').toString('utf8')) as UploadSlot;
  return now < slot.until ? slot : null;
}

const signatureOf = (key: Uint8Array, payload: string): Buffer => createHmac('sha256', key).update(payload).digest();
