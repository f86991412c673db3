/**
 * A Bayeux client is known to the node that shook hands with it and to no other, so its id names that node. To the client
 * it is what it always was: letters and digits (docs/genesys.md, section 7, line 12).
 */
const CLIENT_ID = /^n(\d{1,15})x[0-9A-Za-z]+$/;

/** `random`: at least 128 random bits, letters and digits. */
export const clientIdOf = (number: number, random: string): string => `n${number}x${random}`;

/** The node in whose name an id was made; null when it was made in none's. */
export function nodeIn(clientId: unknown): number | null {
  const number = typeof clientId === 'string' ? CLIENT_ID.exec(clientId)?.[1] : undefined;
  return number === undefined ? null : Number(number);
}
