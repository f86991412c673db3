import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';
import { anchorsOf, linksOf, type Page, problemsIn, readPage, spread } from './citations.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const PAGES = globSync(['*.md', 'docs/*.md'], { cwd: ROOT }).sort();
const SOURCES = globSync(['{src,test,bench,examples,.ci,bin}/**/*.{ts,mjs,sql}'], { cwd: ROOT })
  // Feeds the check with what is wrong.
  .filter(path => !/^\.ci\/citations/.test(path))
  .sort();
const HOUSE: ReadonlyMap<string, Page> = new Map(PAGES.map(path => [path, readPage(read(path))]));

const PAGE = `# Somewhere

## 2. Rules

### 2.6 The second one

| Line | |
|---|---|
| 8 to 10 | a rule |

## Who wins

**8.2** One paragraph.

## 9. Conformance cases

| Case | What |
|---|---|
| C03, C04 | two |
| C06 to C09 | four |

## 11. Traps of the wire

| | |
|---|---|
| T7 | one |
`;
const SMALL = new Map([['docs/some.md', readPage(PAGE)]]);
const wrongIn = (text: string): readonly string[] => problemsIn(text, SMALL).map(each => each.what);

describe('the check of citations', () => {
  for (const good of [
    'docs/some.md',
    'docs/some.md, section 2.6',
    'docs/some.md, sections 2 and 2.6',
    'docs/some.md, section 8.2',
    'docs/some.md, section 2.6, lines 8 and 10',
    'docs/some.md, cases C03 and C07, trap T7',
    'docs/some.md, "Who wins"',
    'RFC 5280, section 4.1',
  ]) {
    test(`${good} - is taken`, () => assert.deepEqual(wrongIn(`/** A rule (${good}). */`), []));
  }

  for (const [bad, what] of [
    ['docs/none.md, section 2', 'docs/none.md is not there'],
    ['docs/some.md, section 3', 'docs/some.md has no section 3'],
    ['docs/some.md, case C05', 'docs/some.md has no case C05'],
    ['docs/some.md, cases C06 to C10', 'docs/some.md has no case C10'],
    ['docs/some.md, trap T8', 'docs/some.md has no trap T8'],
    ['docs/some.md, section 2.6, line 11', 'docs/some.md has no line 11'],
    ['docs/some.md, "Who loses"', 'docs/some.md has no heading "Who loses"'],
    ['section 2.6', '"section 2.6" names no page'],
    ['case C03', '"case C03" names no page'],
    ['line 8', '"line 8" names no page'],
  ] as const) {
    test(`${bad} - is refused`, () => assert.deepEqual(wrongIn(`/** A rule (${bad}). */`), [what]));
  }

  test('a plan or a page of another place - is refused', () => {
    for (const each of ['design section 4', 'reference genesys section 2', 'reference/some.md']) {
      assert.match(wrongIn(`// ${each}`).join(), /is not a page of this repository/);
    }
  });

  test('a citation across lines of a comment - is read, and its line is named', () => {
    const text = '\n/**\n * A rule (docs/some.md, section\n * 2.6), and another (docs/some.md,\n * section 7).\n */\n';
    assert.deepEqual(problemsIn(text, SMALL), [{ line: 4, what: 'docs/some.md has no section 7' }]);
  });

  test('a title, or a line of a file - is no citation', () => {
    assert.deepEqual(wrongIn("test('case 12 - line 2', () => {}); // As `line 7, daily_from`."), []);
  });

  test('a list - names each of its members', () => {
    assert.deepEqual(spread('C06 to C09, C12 and D1'), ['C06', 'C07', 'C08', 'C09', 'C12', 'D1']);
  });
});

describe('citations', () => {
  test('of code and tests - are there', () => {
    const problems = SOURCES.flatMap(path =>
      problemsIn(read(path), HOUSE).map(each => `${path}:${each.line} ${each.what}`),
    );
    assert.deepEqual(problems, []);
  });

  test('of pages - are there', () => {
    const problems = PAGES.flatMap(path =>
      problemsIn(read(path), HOUSE, true).map(each => `${path}:${each.line} ${each.what}`),
    );
    assert.deepEqual(problems, []);
  });

  test('pages of docs - are all linked from its README, which is how people find them', () => {
    const linked = new Set(linksOf(read('docs/README.md')).map(({ path }) => normalize(join('docs', path))));
    const pages = PAGES.filter(path => path.startsWith('docs/') && path !== 'docs/README.md');
    assert.ok(pages.length > 10);
    assert.deepEqual(
      pages.filter(path => !linked.has(path)),
      [],
    );
  });

  test('links of pages - lead to files and headings that are there', () => {
    const broken: string[] = [];
    for (const from of PAGES) {
      for (const { path, anchor } of linksOf(read(from))) {
        const to = path === '' ? from : normalize(join(dirname(from), path));
        if (!existsSync(join(ROOT, to))) broken.push(`${from}: ${to} is not there`);
        else if (anchor !== undefined && !anchorsOf(read(to)).has(anchor))
          broken.push(`${from}: ${to} has no #${anchor}`);
      }
    }
    assert.deepEqual(broken, []);
  });
});
