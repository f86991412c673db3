import { foldCase } from '../condition.ts';

const PER_LINE = 20;
/** The last plane with letters that have a case; beyond it are ideographs. */
const LAST = 0x1_ffff;

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** A character in the escapes of `U&'…'`. */
function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  return code > 0xffff ? `\\+${hex(code, 6)}` : `\\${hex(code, 4)}`;
}

const literal = (text: string): string => `U&'${Array.from(text, escaped).join('')}'`;

/** A long literal over several lines, which SQL joins. */
function literalLines(characters: readonly string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < characters.length; at += PER_LINE) {
    lines.push(
      `'${characters
        .slice(at, at + PER_LINE)
        .map(escaped)
        .join('')}'`,
    );
  }
  return `U&${lines.join('\n    ')}`;
}

/** The characters beyond ASCII that fold to others, in order. */
function folded(): [from: string, to: string][] {
  const pairs: [string, string][] = [];
  for (let code = 0x80; code <= LAST; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const from = String.fromCodePoint(code);
    const to = foldCase(from);
    if (to !== from) pairs.push([from, to]);
  }
  return pairs;
}

/**
 * The statement that makes `fold_case`, which folds as `foldCase` does over all of Unicode: letters that become several first,
 * then one for one. PostgreSQL's own functions go by a country, by ASCII, or by what the server's libraries happen to know.
 */
export function foldCaseFunction(): string {
  const pairs = folded();
  const several = pairs.filter(([, to]) => Array.from(to).length > 1);
  const single = pairs.filter(([, to]) => Array.from(to).length === 1);
  const replaced = several.map(([from, to]) => `    ${literal(from)}, ${literal(to)})`);
  return `CREATE FUNCTION fold_case(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $fold$
  SELECT CASE WHEN octet_length(given) = length(given) THEN upper(given COLLATE "C") ELSE translate(
    ${'replace('.repeat(several.length)}
    upper(given COLLATE "C"),
${replaced.join(',\n')},
    ${literalLines(single.map(([from]) => from))},
    ${literalLines(single.map(([, to]) => to))}
  ) END
$fold$`;
}
