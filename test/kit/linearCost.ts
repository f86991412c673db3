/**
 * Whether work grows with the size of a text and not with its square, whatever else the machine does: processor time of this
 * process, and only as a ratio of the same work on the same number of bytes.
 */
import assert from 'node:assert/strict';

/** A quadratic step costs this many times more in one piece than in so many pieces; a linear one costs the same. */
const PIECES = 16;
/** Sixteen times as much takes a quadratic parser seconds, so that a test that fails does end. */
const PIECE_CHARS = 16 * 1024;
const ROUNDS = 7;
/** Half way to the square, by factors. Between are caches, compilers and the collector of garbage, which are not there every round. */
const RATIO_MAX = 4;
/** Below it, calling is what costs, and not what is called. */
const FLOOR_MICROSECONDS = 200;

/** Asserts that `read` takes a text made of `filling` as fast in one piece as in sixteen. What it throws, it has taken. */
export function assertLinear(filling: string, read: (text: string) => void, head = ''): void {
  const textOf = (chars: number) => head + filling.repeat(chars / filling.length);
  const [piece, whole] = [textOf(PIECE_CHARS), textOf(PIECES * PIECE_CHARS)];
  let pieces = Number.POSITIVE_INFINITY;
  let once = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    pieces = Math.min(pieces, cost(read, piece, PIECES));
    once = Math.min(once, cost(read, whole, 1));
    if (once <= RATIO_MAX * Math.max(pieces, FLOOR_MICROSECONDS)) return;
  }
  assert.fail(`${JSON.stringify(head + filling)}: ${once} µs in one piece, ${pieces} µs in ${PIECES}`);
}

function cost(read: (text: string) => void, text: string, times: number): number {
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) {
    try {
      read(text);
    } catch {}
  }
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
