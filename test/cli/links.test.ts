import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './readmeHouse.ts';

/** As GitHub names the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(heading => heading[1]!);
  return new Set(
    headings.map(each =>
      each
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('documentation - every link within it leads somewhere', () => {
  const read = (path: string) => readFileSync(path, 'utf8');
  const broken: string[] = [];
  let links = 0;
  for (const path of globSync(['*.md', 'docs/*.md'], { cwd: ROOT }).map(name => join(ROOT, name))) {
    const prose = read(path).replaceAll(/^```[\s\S]*?^```$/gm, '');
    for (const [, link] of prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      links++;
      const [file, anchor] = link!.split('#');
      const target = file === '' ? path : join(dirname(path), file!);
      const isThere = existsSync(target) && (anchor === undefined || anchorsOf(read(target)).has(anchor));
      if (!isThere) broken.push(`${relative(ROOT, path)}: ${link}`);
    }
  }
  assert.ok(links > 20);
  assert.deepEqual(broken, []);
});
