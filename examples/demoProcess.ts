/** A program the demo runs: what it prints is shown behind its name, and it can be told to go on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { say } from './program.ts';

export interface DemoProcess {
  /** The first group of what it prints, or all of it; rejects when it ends before. */
  says(pattern: RegExp): Promise<string>;
  /** A person presses Enter. */
  enter(): void;
  /** Ends it as a supervisor would. */
  stop(): void;
  /** Resolves when it has ended well; rejects when it has not. */
  done(): Promise<void>;
}

const running = new Set<ChildProcess>();
// Whatever happens to the demo, nothing of it stays behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `script` is relative to this file. Lines that `isShown` refuses are read and not printed. */
export function startProcess(
  name: string,
  [script, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  isShown: (line: string) => boolean,
): DemoProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  let printed = '';
  let shown = 0;
  /** What is on standard error: a server says there where it listens. It is shown when the program fails. */
  let errors = '';
  let listeners: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    for (let end = printed.indexOf('\n', shown); end >= 0; end = printed.indexOf('\n', shown)) {
      const line = printed.slice(shown, end);
      if (isShown(line)) say(`${name.padEnd(9)}${line}`);
      shown = end + 1;
    }
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
    for (const listener of listeners) listener();
  });
  // A program that has ended does not read what it is told.
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      if (code === 0) return resolve();
      process.stderr.write(errors);
      reject(new Error(`The ${name} ended with ${code ?? signal}.`));
    });
  });
  // Whoever waits for it is told; nobody may be waiting yet.
  ended.catch(() => {});
  return {
    says: async pattern => {
      const said = new Promise<string>(resolve => {
        const look = () => {
          const match = pattern.exec(printed) ?? pattern.exec(errors);
          if (match !== null) resolve(match[1] ?? match[0]);
        };
        listeners = [...listeners, look];
        look();
      });
      const silence = ended.then(() => {
        throw new Error(`The ${name} ended too early.`);
      });
      return Promise.race([said, silence]);
    },
    enter: () => child.stdin.end('\n'),
    stop: () => child.kill('SIGTERM'),
    done: () => ended,
  };
}
