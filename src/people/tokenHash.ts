import { createHash } from 'node:crypto';

/**
 * What is stored of a token: SHA-256, base64url. Tokens are random, so nothing slower is needed (ARCHITECTURE.md, section
 * 7).
 */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
