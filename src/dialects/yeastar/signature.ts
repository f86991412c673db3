import { createHmac, timingSafeEqual } from 'node:crypto';

/** Base64 of 32 bytes, padding included. */
const BASE64_SHA256_LENGTH = 44;

/**
 * Whether `X-Signature` is the PBX's over this body: standard Base64, with padding, of HMAC-SHA256 over the raw bytes with
 * the secret as text (docs/yeastar.md, section 4). Hex, URL-safe and unpadded spellings are refused: a PBX never sends
 * them. An empty secret matches nothing, because everybody can compute that signature. Never throws.
 */
export function signatureMatches(secret: string, raw: Uint8Array, header: string | undefined): boolean {
  if (secret === '' || header === undefined) return false;
  const given = Buffer.from(header);
  if (given.length !== BASE64_SHA256_LENGTH) return false;
  const expected = createHmac('sha256', secret).update(raw).digest('base64');
  return timingSafeEqual(Buffer.from(expected), given);
}
