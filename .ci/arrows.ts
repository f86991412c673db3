/**
 * Holds the arrows of the house (ARCHITECTURE.md, section 3): `dialects → rooms → ledger → values`, that only dialects and
 * the top name a dialect, and that nothing is imported which package.json does not name.
 *
 *     npm run arrows
 */
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import {
  DIALECT_NAMES,
  DIALECT_TEXTS,
  DIALECTS_SHARE,
  ENGINES,
  EXCEPTIONS,
  type Exception,
  HTTP,
  IMPURE,
  ROOMS,
  type Room,
  SQL,
  TESTS,
  TOP,
} from './house.ts';
import { readSources, type Tree, type Words } from './imports.ts';

/** Names of packages, as package.json lists them. */
export interface Packages {
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** Where a file lives. `room` and `dialect` name which one. */
type Place =
  | { readonly floor: 'top' }
  | { readonly floor: 'dialect'; readonly dialect: string }
  | { readonly floor: 'room'; readonly room: Room }
  | { readonly floor: 'ledger' }
  | { readonly floor: 'values' }
  | { readonly floor: 'test' };

/** The name of no dialect. */
const SHARED = '';

/** Sentences, one per arrow that points the wrong way; empty when the house is in order. */
export function findWrongArrows(
  tree: Tree,
  packages: Packages,
  exceptions: readonly Exception[] = EXCEPTIONS,
): readonly string[] {
  const problems: string[] = [];
  const used = new Set<Exception>();
  for (const [path, { imports, words }] of readSources(tree)) {
    const place = placeOf(path);
    if (place === null) {
      problems.push(`${path} is in no room of the house: move it, or tell .ci/house.ts about its room`);
      continue;
    }
    for (const name of dialectsNamed(place, words))
      problems.push(`${path} says ${name}: only dialects and the top name a dialect`);
    for (const specifier of imports) {
      if (specifier === null) {
        if (place.floor !== 'test') problems.push(`${path} imports something only known when it runs: write it out`);
        continue;
      }
      const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
      const wrong = target === specifier ? wrongPackage(place, target, packages) : wrongFile(place, target, tree);
      if (wrong === null) continue;
      const exception = exceptions.find(each => covers(each.from, path) && covers(each.to, target));
      if (exception === undefined) problems.push(`${path} imports ${target}: ${wrong}`);
      else used.add(exception);
    }
  }
  for (const each of exceptions) {
    if (!used.has(each)) problems.push(`.ci/house.ts excepts ${each.from} → ${each.to}, which nobody needs any more`);
  }
  return problems.sort();
}

function placeOf(path: string): Place | null {
  if (!path.startsWith('src/') || TESTS.test(path)) return { floor: 'test' };
  const [folder, ...rest] = path.slice('src/'.length).split('/') as [string, ...string[]];
  if (TOP.includes(folder)) return { floor: 'top' };
  if (path === DIALECTS_SHARE) return { floor: 'dialect', dialect: SHARED };
  if (rest.length === 0) return null;
  if (folder === 'values' || folder === 'ledger') return { floor: folder };
  if (folder === 'dialects') return rest.length > 1 ? { floor: 'dialect', dialect: rest[0]! } : null;
  const room = ROOMS.find(each => each.name === folder);
  return room === undefined ? null : { floor: 'room', room };
}

/** What a file says that names a dialect, and may not. */
function dialectsNamed(from: Place, { texts, names }: Words): readonly string[] {
  if (from.floor === 'test' || from.floor === 'top' || from.floor === 'dialect') return [];
  return [
    ...[...texts]
      .filter(text => DIALECT_TEXTS.test(text) || DIALECT_NAMES.test(text))
      .map(text => JSON.stringify(text)),
    ...[...names].filter(name => DIALECT_NAMES.test(name)),
  ];
}

/** What is wrong with importing a file of ours; null when nothing is. */
function wrongFile(from: Place, target: string, tree: Tree): string | null {
  if (from.floor === 'test') return null;
  if (!target.startsWith('src/')) return 'the server imports nothing outside src';
  if (!tree.has(target)) return 'there is no such file';
  const to = placeOf(target);
  if (to === null) return null;
  if (to.floor === 'test') return 'only tests know tests';
  if (from.floor === 'top') return null;
  if (to.floor === 'top') return 'only the top of the house knows everybody';
  if (from.floor === 'values') return to.floor === 'values' ? null : 'values know nobody';
  if (from.floor === 'ledger') {
    return to.floor === 'ledger' || to.floor === 'values' ? null : 'the ledger knows values only';
  }
  if (from.floor === 'room') return wrongForRoom(from.room, to, target);
  if (to.floor === 'dialect' && to.dialect !== from.dialect && to.dialect !== SHARED) {
    return 'a dialect does not know another dialect';
  }
  return isEngine(target) ? 'only the top of the house knows an engine' : null;
}

function wrongForRoom(room: Room, to: Place, target: string): string | null {
  if (to.floor === 'room' && to.room === room) return null;
  if (room.alone === true) return 'this room knows nothing of ours';
  if (to.floor === 'room') return 'a room does not know another room';
  if (to.floor === 'dialect') return 'a room does not know a dialect';
  return isEngine(target) ? 'only the top of the house knows an engine' : null;
}

const isEngine = (path: string): boolean => ENGINES.some(engine => covers(engine, path));

/** What is wrong with importing a package or a module of Node; null when nothing is. */
function wrongPackage(from: Place, name: string, { dependencies, devDependencies }: Packages): string | null {
  const listed = from.floor === 'test' ? [...dependencies, ...devDependencies] : dependencies;
  if (!name.startsWith('node:') && !listed.some(each => covers(each, name))) {
    if (builtinModules.includes(name)) return `write it as node:${name}`;
    return `package.json does not name it${from.floor === 'test' ? '' : ' among its dependencies'}`;
  }
  if (from.floor === 'test' || from.floor === 'top') return null;
  const isOf = (list: readonly string[]) => list.some(each => covers(each, name));
  if (from.floor === 'values' && isOf(IMPURE)) return 'values are pure';
  if (isOf(SQL) && from.floor !== 'ledger') return 'only the ledger knows SQL';
  if (!isOf(HTTP) || from.floor === 'dialect') return null;
  if (from.floor === 'room') {
    return from.room.http?.some(each => covers(each, name)) === true ? null : 'a room does not know HTTP';
  }
  return `${from.floor === 'ledger' ? 'the ledger does' : 'values do'} not know HTTP`;
}

/** Whether a name stands for another: itself, what is below it, or what it is the beginning of when it ends so. */
function covers(name: string, other: string): boolean {
  return other === name || other.startsWith(/[/:]$/.test(name) ? name : `${name}/`);
}

/** Every script of the project: what is not in `src/` is held to package.json only. */
export function readTree(root: string): Tree {
  const paths = globSync(['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'examples/*.ts', '.ci/*.ts'], {
    cwd: root,
  }).sort();
  return new Map(paths.map(path => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]));
}

export function readPackages(root: string): Packages {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return { dependencies: Object.keys(dependencies), devDependencies: Object.keys(devDependencies) };
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const tree = readTree(root);
  const problems = findWrongArrows(tree, readPackages(root));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  const checked = [...tree.keys()].filter(path => placeOf(path)?.floor !== 'test').length;
  if (problems.length === 0) process.stdout.write(`Arrows: ${checked} files of src know whom they may.\n`);
  else process.exitCode = 1;
}
