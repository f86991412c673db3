/** The database cannot be used; the message gives the reason and what to do, in one sentence and without a password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
