/**
 * Holds tests to asserting nothing about how long something took: on a machine that has much else to do it says more about
 * the machine. What can be seen in the source is judged; `clocks.test.ts` runs it over every test.
 */

/** Nothing else than how long something takes is measured with these. */
const STOP_WATCH = /\bperformance\.(?:now|mark|measure)\(|\bhrtime\b|\bconsole\.time\b/;
/** An instant or a duration of the wall clock, as an argument of an assertion. */
const WALL_CLOCK = /\bDate\.now\(\)|\b(?:took|elapsed|latency|waited)(?:Ms|Seconds)\b/;
/** A name that holds what a clock has shown. */
const READING =
  /\b(\w+)\s*=\s*(?:Math\.\w+\(|Number\(|\()*(?:Date\.now\(\)|new Date\(\)|(?:\w+\.)?uptime\(\)|Temporal\.Now\b|performance\.now\(\))/g;
const COMPARISON = /<|(?<!=)>/;
const ASSERTION = /\bassert(?:\.\w+)?\(/g;

/** Sentences, one for each place in a file of tests. */
export function clocksReadIn(path: string, text: string): readonly string[] {
  const lines = text.split('\n');
  const watches = lines.flatMap((line, n) => (STOP_WATCH.test(line) ? [n + 1] : []));
  const readings = [...new Set([...text.matchAll(READING)].map(([, name]) => name!))];
  const asserted = [...text.matchAll(ASSERTION)].flatMap(({ index, 0: { length } }) => {
    const asserts = argumentsFrom(text, index + length);
    const isClock = WALL_CLOCK.test(asserts) || readings.some(each => isDifferenceOf(each, asserts));
    return isClock ? [text.slice(0, index).split('\n').length] : [];
  });
  return [...new Set([...watches, ...asserted])]
    .sort((a, b) => a - b)
    .map(
      line =>
        `${path}:${line} asks a clock how long something took: assert an order, a count, or test/kit/linearCost.ts`,
    );
}

/** Compared is what has passed since `reading`. */
function isDifferenceOf(reading: string, asserts: string): boolean {
  return COMPARISON.test(asserts) && new RegExp(`- ?${reading}\\b|\\b${reading} ?-`).test(asserts);
}

/** What stands between a parenthesis and the one that closes it, as far as brackets in texts do not lead astray. */
function argumentsFrom(text: string, from: number): string {
  let depth = 1;
  let at = from;
  for (; at < text.length && depth > 0; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')') depth--;
  }
  return text.slice(from, at - 1);
}
