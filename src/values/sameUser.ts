/** Whether two ids are of the same user. Nobody is nobody's equal: a call without a user is not that of a token, which has none either. */
export function isSameUser(a: number | null | undefined, b: number | null | undefined): boolean {
  return a != null && a === b;
}
