/**
 * The same content is the same whatever order its keys are in: what is read from a store has them in another order than what was made
 * just now, and must be neither another value nor another place in a line.
 */

/** JSON of a value with the keys of every object in order: to compare, and to break ties by what is told. */
export const contentText = (value: unknown): string => JSON.stringify(value, inOrder) ?? '';

/** Whether two values are the same as JSON tells them: a key that is undefined is as one that is not there. */
export function isSameContent(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, place) => isSameContent(value, b[place]));
  }
  return !Array.isArray(b) && hasAllOf(a as Content, b as Content) && hasAllOf(b as Content, a as Content, false);
}

type Content = Readonly<Record<string, unknown>>;

/** Whether `b` has every key of `a`, with the same content where that is asked for. */
function hasAllOf(a: Content, b: Content, withContent = true): boolean {
  for (const name in a) {
    const value = a[name];
    if (value === undefined) continue;
    // A name such as `constructor` is in every object without being its own.
    const other = Object.hasOwn(b, name) ? b[name] : undefined;
    if (withContent ? !isSameContent(value, other) : other === undefined) return false;
  }
  return true;
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
