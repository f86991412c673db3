#!/usr/bin/env node
// Plain JavaScript that any Node can read: it says what is wrong where main.ts could not even be parsed.
const major = Number(process.versions.node.split('.')[0]);
if (major < 26) {
  process.stderr.write(
    `Aftercall needs Node 26 or later, and this is Node ${process.versions.node}: start it with "npm start", which uses the Node that "npm ci" installs (if your npm skips install scripts, run "npm rebuild node" once).\n`,
  );
  process.exit(1);
}
await import('../src/main.ts');
