/** The command line of the simulator; see `--help`. */
import { parseArgs } from 'node:util';
import { findMutant } from './findMutant.ts';
import { Fleet } from './fleet.ts';
import { takeOverMachine } from './machine.ts';
import { MUTANTS } from './mutants.ts';
import { foundingBatch } from './organisation.ts';
import { simulate } from './simulation.ts';
import type { TraceLine } from './world.ts';

const HELP = `Simulates servers and their clients under virtual time, with crashes and losses drawn from a seed.

  npm run simulate -- --seeds 5000 [--from 1]   runs so many seeds, each twice; the seeds that fail
  npm run simulate -- --seed 1234               one seed with its trace
  npm run simulate -- --mutants [name]          runs the mutants one after the other: what finds each, at which seed
  npm run simulate -- --seed 12 --mutants name  the trace of a seed with a mutant
`;

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function many(from: number, count: number): Promise<number> {
  await using fleet = await Fleet.open();
  const began = performance.now();
  let done = 0;
  let wrong = 0;
  let events = 0;
  const requested = Array.from({ length: count }, (_, n) => ({ seed: from + n, mutant: null }));
  const rate = () => `${(done / ((performance.now() - began) / 1_000)).toFixed(1)} seeds a second`;
  await fleet.run(requested, verdict => {
    done++;
    events += verdict.events;
    if (verdict.findings.length > 0) {
      wrong++;
      const [{ checker, what }] = verdict.findings as [(typeof verdict.findings)[number]];
      say(`seed ${verdict.seed}: ${verdict.findings.length} found, first: ${checker}: ${what}`);
    }
    if (done % 500 === 0 && done < count) say(`${done} seeds, ${wrong} wrong, ${rate()}`);
    return false;
  });
  say(`${done} seeds from ${from}, ${wrong} wrong, ${rate()}, ${Math.round(events / done)} events each`);
  return wrong === 0 ? 0 : 1;
}

async function mutants(name: string | null): Promise<number> {
  await using fleet = await Fleet.open();
  const wanted = MUTANTS.filter(each => name === null || each.name === name);
  if (wanted.length === 0) throw new Error(`there is no mutant ${name}`);
  let missed = 0;
  say('| Mutant | What it does | Found by | At seed |\n|---|---|---|---|');
  for (const mutant of wanted) {
    const found = await findMutant(fleet, mutant.name);
    if (found === null) missed++;
    say(`| ${mutant.name} | ${mutant.what} | ${found?.checker ?? 'nothing'} | ${found?.seed ?? '-'} |`);
  }
  return missed === 0 ? 0 : 1;
}

async function one(seed: number, mutant: string | null): Promise<number> {
  const founding = await foundingBatch();
  takeOverMachine();
  const { trace, findings, digest, entries } = await simulate(seed, mutant, founding);
  for (const line of trace) say(render(line));
  say(`\nseed ${seed}: ${entries} entries in the journal, digest ${digest.slice(0, 16)}`);
  for (const { checker, what } of findings) say(`WRONG ${checker}: ${what}`);
  if (findings.length === 0) say('nothing is wrong');
  return findings.length === 0 ? 0 : 1;
}

/** Seconds, who, what. */
const render = ({ at, who, what }: TraceLine): string =>
  `${(at / 1000).toFixed(3).padStart(9)}  ${who.padEnd(8)} ${what}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    mutants: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const name = values.mutants === true && positionals.length > 0 ? positionals.join(' ') : null;
if (values.help === true) say(HELP);
else if (values.seed !== undefined) process.exitCode = await one(Number(values.seed), name);
else if (values.mutants === true) process.exitCode = await mutants(name);
else if (values.seeds !== undefined) process.exitCode = await many(Number(values.from), Number(values.seeds));
else say(HELP);
