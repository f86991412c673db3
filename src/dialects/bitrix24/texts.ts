import { blankToNull, cleanText } from '../../values/text.ts';
import type { Params } from './params.ts';

/** Trimmed, and cut where it is longer than anybody means it; null when not given or blank. */
export function boundedText(params: Params, name: string, maxChars: number): string | null {
  return blankToNull(
    cleanText(params.text(name) ?? '')
      .slice(0, maxChars)
      .trim(),
  );
}
