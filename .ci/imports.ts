/** What source files import and what they name, read from their syntax trees. */
import {
  isCallExpression,
  isExportDeclaration,
  isExternalModuleReference,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isPrivateIdentifier,
  isStringLiteral,
  isTemplateHead,
  isTemplateMiddle,
  isTemplateTail,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

/** Texts by path, `src/main.ts` and the like. */
export type Tree = ReadonlyMap<string, string>;

/** What one file says in code, comments left out: texts as a whole or in parts, and names. */
export interface Words {
  readonly texts: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

export interface Source {
  readonly imports: Imports;
  /** Without the paths of imports. */
  readonly words: Words;
}

/** What one file imports, as written; `null` stands for something only known when the program runs. */
export type Imports = ReadonlySet<string | null>;

const parsed = createVirtualFileSystem({});
/** One compiler for all trees; it goes with the process. */
let compiler: API | undefined;
let trees = 0;

export const importsOf = (tree: Tree): ReadonlyMap<string, Imports> =>
  new Map([...readSources(tree)].map(([path, { imports }]) => [path, imports]));

export function readSources(tree: Tree): ReadonlyMap<string, Source> {
  compiler ??= new API({ cwd: '/', fs: parsed });
  const root = `/tree${++trees}/`;
  const config = {
    compilerOptions: { noResolve: true, noLib: true, types: [], allowImportingTsExtensions: true, noEmit: true },
    files: [...tree.keys()],
  };
  for (const [path, text] of [...tree, ['tsconfig.json', JSON.stringify(config)] as const]) {
    parsed.writeFile?.(root + path, text);
  }
  const { program } = compiler
    .updateSnapshot({ openProjects: [`${root}tsconfig.json`] })
    .getProject(`${root}tsconfig.json`)!;
  const sources = new Map<string, Source>();
  for (const path of tree.keys()) {
    const file = program.getSourceFile(root + path);
    if (file === undefined) throw new Error(`${path} could not be read`);
    const imports = new Set<string | null>();
    collect(file, imports);
    const words = { texts: new Set<string>(), names: new Set<string>() };
    collectWords(file, words);
    sources.set(path, { imports, words });
  }
  return sources;
}

function collect(node: Node, found: Set<string | null>): void {
  if (isImportDeclaration(node)) found.add(literalOf(node.moduleSpecifier));
  else if (isExportDeclaration(node) && node.moduleSpecifier !== undefined) found.add(literalOf(node.moduleSpecifier));
  else if (isExternalModuleReference(node)) found.add(literalOf(node.expression));
  else if (isImportTypeNode(node) && isLiteralTypeNode(node.argument)) found.add(literalOf(node.argument.literal));
  else if (isCallExpression(node) && isImporting(node.expression)) found.add(literalOf(node.arguments[0]));
  else if (isNewExpression(node) && node.expression.getText() === 'URL') {
    const [path, base] = node.arguments ?? [];
    const text = literalOf(path);
    if (text !== null && base?.getText() === 'import.meta.url' && isScript(text)) found.add(text);
  } else {
    // The start of a thread may hide its file in an argument: a text that looks like a file of ours is taken for one.
    const text = literalOf(node);
    if (text !== null && /^\.{1,2}\//.test(text) && isScript(text)) found.add(text);
  }
  node.forEachChild(child => collect(child, found));
}

function collectWords(node: Node, words: { readonly texts: Set<string>; readonly names: Set<string> }): void {
  const text =
    literalOf(node) ?? (isTemplateHead(node) || isTemplateMiddle(node) || isTemplateTail(node) ? node.text : null);
  if (text !== null) words.texts.add(text);
  else if (isIdentifier(node) || isPrivateIdentifier(node)) words.names.add(node.text);
  node.forEachChild(child => {
    const isPath = (isImportDeclaration(node) || isExportDeclaration(node)) && child === node.moduleSpecifier;
    if (!isPath) collectWords(child, words);
  });
}

/** `import(…)`, `import.meta.resolve(…)`, `require(…)` and `require.resolve(…)`. */
function isImporting(called: Node): boolean {
  if (called.kind === SyntaxKind.ImportKeyword) return true;
  if (isIdentifier(called)) return called.text === 'require';
  return called.getText() === 'import.meta.resolve' || called.getText() === 'require.resolve';
}

function literalOf(node: Node | undefined): string | null {
  if (node === undefined) return null;
  return isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node) ? node.text : null;
}

const isScript = (path: string): boolean => /\.[cm]?[jt]s$/.test(path);
