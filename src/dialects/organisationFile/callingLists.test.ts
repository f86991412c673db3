import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ensureFoundations } from '../../app/firstStart.ts';
import { applyOrganisation, checkOrganisation, parseOrganisation } from '../../app/organisationFile.ts';
import { callEntities } from '../../calls/entities.ts';
import { campaignEntities, record } from '../../campaigns/entities.ts';
import { ConfigError } from '../../config/configError.ts';
import { openKeyFile } from '../../config/keyFile.ts';
import { setting } from '../../config/setting.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { MemoryEngine } from '../../ledger/memory/memoryEngine.ts';
import { peopleEntities } from '../../people/entities.ts';
import { sourceEntities } from '../../sources/entities.ts';
import { importCallingLists, type ListImport } from './callingLists.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-lists-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const keyFile = openKeyFile(directory);

async function setUp() {
  const engine = new MemoryEngine({
    entities: [...sourceEntities, ...callEntities, ...peopleEntities, ...campaignEntities, setting],
  });
  const ledger = await Ledger.open({ engine, clock: () => 1_000_000, onFatal: error => assert.fail(error) });
  await ensureFoundations(ledger, { random: randomBytes });
  const deps = { clock: () => 1_000_000, keyFile, random: randomBytes };
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const lists = Object.keys(files).map(file => ({ name: file.replace('.csv', ''), file }));
    const campaigns = [{ name: 'Campaign1', applicationId: 134, country: 'GB', lists }];
    return parseOrganisation(JSON.stringify({ campaigns }), { variables: {}, directory }, 'organisation.json');
  };
  const progress: object[] = [];
  return {
    ledger,
    progress,
    apply: async (files: Readonly<Record<string, string>>, clock = () => 0) => {
      const file = write(files);
      await applyOrganisation(ledger, file, deps);
      const done: ListImport[] = [];
      await importCallingLists(ledger, file, {
        clock,
        onList: each => done.push(each),
        onProgress: each => progress.push(each),
      });
      return done;
    },
    check: (files: Readonly<Record<string, string>>) => checkOrganisation(ledger, write(files), deps),
    numbers: async () => {
      const rows = await ledger.reader.select({ from: record, limit: 1_000 });
      return rows.map(each => each.numberKey);
    },
  };
}

const problemsOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ConfigError, String(error));
  return error.message;
};

describe('importCallingLists', () => {
  test('every list - is imported as its campaign reads numbers, and once', async () => {
    const { apply, numbers } = await setUp();
    const files = { 'A.csv': 'contact_info\n020 7946 0101\n020 7946 0102', 'B.csv': 'contact_info\n+44 20 7946 0103' };
    assert.deepEqual(await apply(files), [
      { list: 'A of Campaign1', rows: 2, new: 2, changed: 0, unchanged: 0 },
      { list: 'B of Campaign1', rows: 1, new: 1, changed: 0, unchanged: 0 },
    ]);
    assert.deepEqual(await numbers(), ['+442079460101', '+442079460102', '+442079460103']);
    assert.deepEqual(await apply({ ...files, 'B.csv': 'contact_info,x\n+44 20 7946 0103,1' }), [
      { list: 'A of Campaign1', rows: 2, new: 0, changed: 0, unchanged: 2 },
      { list: 'B of Campaign1', rows: 1, new: 0, changed: 1, unchanged: 0 },
    ]);
  });

  test('mistakes in any of them - are told together, and none is imported', async () => {
    const { apply, numbers } = await setUp();
    const message = await problemsOf(
      apply({
        'A.csv': 'contact_info\n+442079460101',
        'B.csv': 'contact_info,attempt\n+442079460102,x\n',
        'C.csv': `contact_info,attempt\n${'+442079460102,x\n'.repeat(25)}`,
      }),
    );
    const lines = message.split('\n');
    assert.equal(lines[0], 'The calling lists have 26 mistakes, and nothing of them was imported:');
    assert.equal(lines[1], '  list B of Campaign1, line 2, attempt must be a whole number from 0 to 1000000.');
    assert.match(lines[2]!, /^ {2}list C of Campaign1, line 2, /);
    assert.deepEqual([lines.length, lines.at(-1)], [22, '  … and 6 more.']);
    assert.deepEqual(await numbers(), []);
  });

  test('a large file - tells how far it is every few seconds', async () => {
    const { apply, progress } = await setUp();
    let now = 0;
    const rows = Array.from({ length: 1_000 }, (_, i) => `+4420794601${String(i % 100).padStart(2, '0')}`);
    await apply({ 'A.csv': `contact_info\n${rows.join('\n')}` }, () => {
      now += 1_000;
      return now;
    });
    assert.ok(progress.length > 0 && progress.length < 5, `${progress.length} lines for five portions`);
    assert.deepEqual(Object.keys(progress[0]!), ['list', 'done', 'rows']);
  });
});

describe('checkOrganisation', () => {
  test('lists - are told with what importing them would do, and nothing is written', async () => {
    const { apply, check, numbers, ledger } = await setUp();
    const first = { 'A.csv': 'contact_info\n020 7946 0101\n020 7946 0102' };
    assert.deepEqual((await check(first)).slice(-3), [
      '+ campaign Campaign1',
      '+ list A of Campaign1',
      'list A of Campaign1: 2 rows, 2 new, 0 changed, 0 unchanged',
    ]);
    await apply(first);
    const [before, position] = [await numbers(), ledger.position];
    assert.deepEqual(await check(first), ['nothing would change']);
    const second = { 'A.csv': 'contact_info,contact_info_type\n020 7946 0101,4\n020 7946 0102,\n020 7946 0103,' };
    assert.deepEqual(await check(second), ['list A of Campaign1: 3 rows, 1 new, 1 changed, 1 unchanged']);
    assert.match(
      await problemsOf(check({ 'A.csv': 'phone\n1' })),
      /have a mistake, [^\n]+\n {2}list A of Campaign1, line 1 /,
    );
    assert.deepEqual(await numbers(), before);
    assert.equal(ledger.position, position);
  });
});
