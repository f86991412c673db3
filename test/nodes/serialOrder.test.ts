/** Two servers on one database: whatever they were told at once, it comes out as if it had been told one after another. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { entities } from '../../src/app/entities.ts';
import { ensureFoundations } from '../../src/app/firstStart.ts';
import { keysIn } from '../../src/app/keys.ts';
import { openLedger } from '../../src/app/openLedger.ts';
import { applyOrganisation, readOrganisationFile } from '../../src/app/organisationFile.ts';
import { startServer } from '../../src/app/server.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { importCallingLists } from '../../src/dialects/organisationFile/callingLists.ts';
import { journal } from '../../src/ledger/journal.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { StorageUnavailable } from '../../src/ledger/refusals.ts';
import { postgresDatabase, SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { Cast } from '../campaigns/cast.ts';
import { Answers } from '../campaigns/cluster/answers.ts';
import { ClusterLoad } from '../campaigns/cluster/clusterLoad.ts';
import { TOKEN } from '../kit/organisation.ts';
import { createRandom, type Random } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { until } from '../kit/until.ts';
import { createV1Client, type V1Client } from '../kit/v1Client.ts';
import { contentOf, History, replay } from './history.ts';

/** Commands after which the load ends. */
const ENOUGH = 500;
const ENOUGH_WITHIN_MS = 600_000;
/** Calls whose ids are given to people who correct, join and split. */
const CALLS = 150;

interface Node {
  readonly name: string;
  readonly ledger: Ledger;
  readonly server: { readonly url: string; readonly host: string; readonly port: number };
}

/** Servers in this process, whose commands are all written down from the first one on. */
async function openNodes(t: TestContext, cast: Cast, history: History) {
  const { url, server: postgres } = await postgresDatabase(entities);
  const directory = createScratch('serial-order').path;
  const file = join(directory, 'organisation.json');
  writeFileSync(file, JSON.stringify(cast.organisation.config));
  for (const [name, content] of Object.entries(cast.organisation.files)) writeFileSync(join(directory, name), content);
  const environment = readEnvironment({ DATABASE_URL: url, DATA_DIR: join(directory, 'data'), PORT: '0' });
  const keys = keysIn(environment.dataDir);
  const deps = { clock: Date.now, keyFile: keys.file, random: randomBytes };
  const nodes: Node[] = [];
  for (const name of ['one', 'two']) {
    const options = { environment, log: pino({ level: 'silent' }), onFatal: assert.fail };
    const opened = await openLedger(options);
    const { ledger } = opened;
    history.record(ledger, name);
    await ensureFoundations(ledger, deps);
    const organisation = readOrganisationFile(file, {});
    await applyOrganisation(ledger, organisation, deps);
    await importCallingLists(ledger, organisation, { ...deps, onList: () => {}, onProgress: () => {} });
    // Not leased: both do all the work there is, which must not matter.
    const server = await startServer(options, { ...opened, keys, membership: null });
    t.after(() => server.stop());
    const { hostname, port } = new URL(server.url);
    nodes.push({ name, ledger, server: { url: server.url, host: hostname, port: Number(port) } });
  }
  const head = async () => {
    const database = new URL(url).pathname.slice(1);
    const [row] = await postgres.run(database, `SELECT position, now, sequences FROM ${SCHEMA}.head`);
    return {
      position: Number(row!['position']),
      now: Number(row!['now']),
      sequences: JSON.parse(row!['sequences'] as string),
    };
  };
  return { nodes, head };
}

/** A person who corrects, joins and splits calls, many of which are not there or cannot be. */
async function judge(v1: V1Client, random: Random, isOver: () => boolean): Promise<void> {
  const id = (): number => random.integer(1, CALLS);
  while (!isOver()) {
    const call = id();
    const [method, path, body] = random.pick([
      ['POST', `/v1/calls/${call}/corrections`, { fields: { note: random.hex(6), vote: random.integer(1, 5) } }],
      [
        'POST',
        `/v1/calls/${call}/corrections`,
        { fields: { outcome: 'voicemail', talkSeconds: 7 }, reason: 'heard it' },
      ],
      ['DELETE', `/v1/calls/${call}/corrections/${random.integer(1, 2)}`, undefined],
      ['POST', `/v1/calls/${call}/join`, { with: id() }],
      ['POST', `/v1/calls/${call}/split`, {}],
    ] as const);
    const { status } = await v1.ask(method, path, { body });
    assert.ok(status < 500, `${method} ${path} was answered ${status}`);
  }
}

describe('two servers told things at once', { timeout: 1_800_000 }, () => {
  for (const seed of [1, 2]) {
    test(`seed ${seed} - the same answers and the same rows as one after another`, async t => {
      const random = createRandom(seed);
      const history = new History();
      const cast = new Cast({
        random,
        rounds: 1,
        connections: 4,
        appWorkers: 3,
        desktops: 2,
        pauseMs: 4,
        deskPauseMs: 5,
        recordsPerDesktopAndRound: 30,
      });
      const { nodes, head } = await openNodes(t, cast, history);
      const [one] = nodes as [Node, Node];
      const prepared = history.length;
      for (const [n, desktop] of cast.desktops.entries()) await desktop.open(nodes[n % 2]!.server);
      const load = new ClusterLoad(
        {
          cast,
          nodes,
          random,
          answers: new Answers(),
          appWorkers: 3,
          recordsPerDesktop: 30,
          desks: 'home',
          spread: false,
          isRefusable: false,
        },
        new Map(),
      );
      let isOver = false;
      try {
        const enough = until(
          'enough has been told',
          () => (isOver || (history.length > prepared + ENOUGH && history.has('settle calls')) ? true : undefined),
          ENOUGH_WITHIN_MS,
        ).finally(() => {
          isOver = true;
        });
        const people = nodes.map(({ server }) =>
          judge(createV1Client({ url: server.url, token: TOKEN }), random, () => isOver),
        );
        await Promise.all([enough, ...people]);
      } finally {
        isOver = true;
        await load.stop();
        for (const desktop of cast.desktops) desktop.leave();
      }
      await Promise.all(nodes.map(({ ledger }) => ledger.drain()));

      const ordered = history.inOrder();
      const engine = await replay(ordered, entities);
      for (const entity of [...entities, journal]) {
        const rows = await contentOf(one.ledger.reader, entity);
        assert.deepEqual(rows, await contentOf(engine.reader, entity), entity.name);
      }
      const { schemaVersion: _version, ...replayed } = await engine.begin();
      assert.deepEqual(await head(), replayed);

      const received = ordered.slice(prepared);
      const switches = received.filter(({ node }, n) => n > 0 && node !== received[n - 1]!.node).length;
      const refused = received.filter(({ outcome }) => outcome !== null && 'error' in outcome);
      const names = new Map<string, number>();
      for (const { command } of received) names.set(command.name, (names.get(command.name) ?? 0) + 1);
      t.diagnostic(
        `${received.length} commands, ${switches} switches, ${refused.length} refused; ${JSON.stringify([...names])}`,
      );
      assert.ok(switches > 50, 'the servers were hardly told things at once');
      assert.ok(refused.length > 0 && names.size > 8);
      assert.ok(refused.every(({ outcome }) => !((outcome as { error: Error }).error instanceof StorageUnavailable)));
    });
  }
});
