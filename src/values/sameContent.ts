/**
 * The same content is the same whatever order its keys are in: what is read from a store has them in another order than what was made
 * just now, and must be neither another value nor another place in a line.
 */

/** JSON of a value with the keys of every object in order: to compare, and to break ties by what is told. */
export const contentText = (value: unknown): string => JSON.stringify(value, inOrder) ?? '';

/** Whether two values are the same as JSON tells them: a key that is undefined is as one that is not there. */
export function isSameContent(a: unknown, b: unknown): boolean {
  // What has other keys in the first place is rare: the same text is the same content.
  return a === b || JSON.stringify(a) === JSON.stringify(b) || contentText(a) === contentText(b);
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
