const NUL = /\0/g;

/**
 * Text that every engine can store and every encoder can write as UTF-8: NUL, which PostgreSQL refuses, and lone
 * surrogates become U+FFFD. Text without them comes back as the same string.
 */
export function cleanText(s: string): string {
  const wellFormed = s.isWellFormed() ? s : s.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replace(NUL, '\uFFFD') : wellFormed;
}

/** The text without white space at its ends; null when nothing is left: senders blank a field with `" "`, `""` or null. */
export function blankToNull(s: string | null | undefined): string | null {
  if (s === null || s === undefined) return null;
  const trimmed = s.trim();
  return trimmed === '' ? null : trimmed;
}
