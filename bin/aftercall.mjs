#!/usr/bin/env node
// Plain JavaScript that any Node can read: it says what is wrong where main.ts could not even be parsed.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
if (major < 26) {
  process.stderr.write(
    `Aftercall needs Node 26 or later, and this is Node ${process.versions.node}: run "npm rebuild node" once, which installs the Node it comes with, then "npm start".\n`,
  );
  process.exit(1);
}
// Beside the packages and not in a directory others can write to: what is in there is run.
const cache = module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/aftercall', import.meta.url)));
// Threads look for it here. Each that has to take the types away itself keeps the compiler for it, some 10 MB.
if (cache?.directory !== undefined) process.env['NODE_COMPILE_CACHE'] = cache.directory;
await import('../src/main.ts');
// At its end a process stores it too, but one that is killed has no end.
module.flushCompileCache?.();
