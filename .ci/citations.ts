/** What comments and pages cite, and whether it is there: files of this repository, sections, cases, traps, lines and rows of its pages. */

const NUMBER = String.raw`[A-Z]{0,3}\d+(?:\.\d+)*`;
const LIST = `${NUMBER}(?:(?:, | and | to )${NUMBER})*`;
const ITEM = `(?:(?:section|case|line|row|trap)s? ${LIST}|"[^"]+")`;
const PAGE = String.raw`(?:docs/[\w-]+\.md|(?:ARCHITECTURE|CONTRIBUTING|README)\.md)`;
const CITATION = new RegExp(`(${PAGE})((?:, ${ITEM})*)`, 'g');
/** What looks like a citation and names no page. The standards of others are named by their number. */
const BARE = new RegExp(
  String.raw`(?<![\w"])(?:(?:[Ss]ection|[Cc]ase|[Tt]rap|[Rr]ow)s?|(?<=\()lines?) ${NUMBER}(?![\w"])`,
  'g',
);
const OF_A_STANDARD = /RFC \d+,? $/;
const ELSEWHERE = new RegExp(
  [
    String.raw`\b(?:[Dd]esign|[Rr]eference(?: \w+)?) (?:section|case)s? \w+`,
    String.raw`\b(?:[Dd]esign|[Rr]eference) \d[\d.]*`,
    String.raw`\b(?:reference|shared)/[\w-]+\.md\b`,
    String.raw`\bseed document\b`,
  ].join('|'),
  'g',
);
/** An anchor is an address, for links only: a heading is cited by its words. */
const ANCHOR = new RegExp(String.raw`(?<!\]\([^)\s]*)${PAGE}#[\w-]+`, 'g');
/** A file of code. Where a star stands before it, it is a pattern. */
const CODE_FILE = /(?<![\w*./-])[\w./-]*\w\.ts\b/g;

export interface Page {
  readonly headings: ReadonlySet<string>;
  /** Numbers of sections; `2` and `2.6`. */
  readonly sections: ReadonlySet<string>;
  /** What the first cells of tables name, by the number of their section; by '' all of them. */
  readonly rows: ReadonlyMap<string, ReadonlySet<string>>;
  readonly cases: ReadonlySet<string>;
  readonly traps: ReadonlySet<string>;
}

/** What can be cited. */
export interface House {
  /** By path. */
  readonly pages: ReadonlyMap<string, Page>;
  /** Names of the files of code, without their folders. */
  readonly files: ReadonlySet<string>;
}

/** One citation that leads nowhere, in words. */
export interface Problem {
  readonly line: number;
  readonly what: string;
}

export function readPage(text: string): Page {
  const headings = new Set<string>();
  const sections = new Set<string>();
  const rows = new Map<string, Set<string>>([['', new Set()]]);
  const cases = new Set<string>();
  const traps = new Set<string>();
  let section = '';
  let title = '';
  for (const line of text.split('\n')) {
    const heading = /^#+ (?:(\d+(?:\.\d+)*)\.? )?(.*)$/.exec(line);
    if (heading !== null) {
      [, section = '', title] = heading as unknown as [string, string | undefined, string];
      headings.add(title);
      if (section !== '') sections.add(section);
      continue;
    }
    // A section of one paragraph has its number in bold.
    for (const [, numbers] of line.matchAll(/\*\*(\d+(?:\.\d+)*(?:, \d+(?:\.\d+)*)*)\b[^*]*\*\*/g)) {
      for (const each of numbers!.split(', ')) sections.add(each);
    }
    const cell = /^\| ([^|]*?) ?\|/.exec(line)?.[1];
    if (cell === undefined || !new RegExp(`^${LIST}$`).test(cell)) continue;
    for (const each of spread(cell)) {
      rows.set(section, (rows.get(section) ?? new Set()).add(each));
      rows.get('')!.add(each);
      if (title.startsWith('Conformance cases')) cases.add(each);
      if (title.startsWith('Traps')) traps.add(each);
    }
  }
  return { headings, sections, rows, cases, traps };
}

/** `C06 to C09`, `H5, H7`: each of them. */
export function spread(list: string): readonly string[] {
  const found: string[] = [];
  for (const part of list.split(/, | and /)) {
    const [from, to] = part.split(' to ') as [string, string | undefined];
    const ends = [from, to ?? from].map(each => /^([A-Z]*)(\d+)$/.exec(each));
    if (to === undefined || ends.includes(null)) {
      found.push(from, ...(to === undefined ? [] : [to]));
      continue;
    }
    const [[, letters, first], [, , last]] = ends as [RegExpExecArray, RegExpExecArray];
    for (let n = Number(first); n <= Number(last); n++) found.push(letters + String(n).padStart(first!.length, '0'));
  }
  return found;
}

/** `isPage`: a page may speak of its own sections without its name. */
export function problemsIn(text: string, { pages, files }: House, isPage = false): readonly Problem[] {
  const problems: Problem[] = [];
  const { flat, lineAt } = flattened(text);
  for (const { 1: path, 2: items, index } of flat.matchAll(CITATION)) {
    const page = pages.get(path!);
    if (page === undefined) problems.push({ line: lineAt(index), what: `${path} is not there` });
    else
      for (const what of missingOf(page, items!))
        problems.push({ line: lineAt(index), what: `${path} has no ${what}` });
  }
  for (const { 0: all, index } of flat.matchAll(ELSEWHERE)) {
    problems.push({ line: lineAt(index), what: `"${all}" is not a page of this repository` });
  }
  for (const { 0: all, index } of flat.matchAll(ANCHOR)) {
    problems.push({ line: lineAt(index), what: `"${all}" is an address: name the heading` });
  }
  problems.push(...lostFilesIn(isPage ? text : onlyComments(text), files));
  return isPage ? problems : [...problems, ...bareIn(text)];
}

function lostFilesIn(text: string, files: ReadonlySet<string>): readonly Problem[] {
  const { flat, lineAt } = flattened(text);
  return [...flat.matchAll(CODE_FILE)]
    .filter(([name]) => !files.has(name.slice(name.lastIndexOf('/') + 1)))
    .map(({ 0: name, index }) => ({ line: lineAt(index), what: `${name} is not there` }));
}

/** Strings may speak of the lines of a file, and titles of cases; comments may not leave out the page. */
function bareIn(text: string): readonly Problem[] {
  const { flat, lineAt } = flattened(onlyComments(text));
  const cited = [...flat.matchAll(CITATION)].map(({ 0: all, index }) => ({ from: index, to: index + all.length }));
  return [...flat.matchAll(BARE)]
    .filter(({ index }) => !cited.some(({ from, to }) => index >= from && index < to))
    .filter(({ index }) => !OF_A_STANDARD.test(flat.slice(Math.max(0, index - 20), index)))
    .map(({ 0: all, index }) => ({ line: lineAt(index), what: `"${all}" names no page` }));
}

/** Everything but comments is blank, so that lines stay what they are. */
const onlyComments = (text: string): string => {
  const comments = [...text.matchAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm)];
  let at = 0;
  let out = '';
  for (const { 0: comment, index } of comments) {
    out += text.slice(at, index).replaceAll(/[^\n]/g, ' ') + comment;
    at = index + comment.length;
  }
  return out;
};

/** A line break, and what a comment begins its lines with, become one blank. */
function flattened(text: string): { readonly flat: string; readonly lineAt: (index: number) => number } {
  const breaks: { readonly at: number; readonly lines: number }[] = [];
  let cut = 0;
  let lines = 0;
  const flat = text.replaceAll(/\n\s*(?:\*(?!\/)|\/\/)?[ \t]*/g, (found, offset: number) => {
    lines += found.split('\n').length - 1;
    breaks.push({ at: offset - cut, lines });
    cut += found.length - 1;
    return ' ';
  });
  return { flat, lineAt: index => 1 + (breaks.findLast(({ at }) => at < index)?.lines ?? 0) };
}

function missingOf(page: Page, items: string): readonly string[] {
  const missing: string[] = [];
  let section = '';
  for (const [, quoted, kind, list] of items.matchAll(
    new RegExp(`, (?:"([^"]+)"|(section|case|line|row|trap)s? (${LIST}))`, 'g'),
  )) {
    if (quoted !== undefined && !page.headings.has(quoted)) missing.push(`heading "${quoted}"`);
    if (list === undefined) continue;
    const numbers = spread(list);
    if (kind === 'section') section = numbers.at(-1)!;
    const known = {
      section: page.sections,
      case: page.cases,
      trap: page.traps,
      line: page.rows.get(section),
      row: page.rows.get(section),
    }[kind as 'section' | 'case' | 'trap' | 'line' | 'row'];
    for (const each of numbers) if (known?.has(each) !== true) missing.push(`${kind} ${each}`);
  }
  return missing;
}

/** Targets of the links of a page: path (may be empty) and anchor (may be undefined). */
export function linksOf(text: string): readonly { readonly path: string; readonly anchor: string | undefined }[] {
  return [...text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)]
    .filter(([, path]) => !/^[a-z]+:/.test(path!))
    .map(([, path, anchor]) => ({ path: path!, anchor }));
}

/** Anchors that a page's headings make. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.matchAll(/^#+ (.+)$/gm);
  return new Set([...headings].map(([, title]) => slugOf(title!)));
}

const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
