import { hashPassword, SALT_BYTES, verifyPassword } from './password.ts';

/**
 * What is to be stored of a password: exactly what is stored already where it has not changed. Checking takes as long as hashing.
 * Rejects with `HashingOverloaded` when too many wait.
 */
export async function storedPassword(
  stored: string | null,
  password: string,
  random: (bytes: number) => Uint8Array,
): Promise<string> {
  if (stored !== null && (await verifyPassword(stored, password))) return stored;
  return hashPassword(password, random(SALT_BYTES));
}
