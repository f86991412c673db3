import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ensureFoundations } from '../../app/firstStart.ts';
import { applyOrganisation, checkOrganisation, parseOrganisation } from '../../app/organisationFile.ts';
import { callEntities } from '../../calls/entities.ts';
import { callingList, campaign, campaignEntities } from '../../campaigns/entities.ts';
import { ConfigError } from '../../config/configError.ts';
import { openKeyFile } from '../../config/keyFile.ts';
import { readSetting, setting } from '../../config/setting.ts';
import { directoryOf, readResidents } from '../../ledger/directory.ts';
import type { Entity } from '../../ledger/entity.ts';
import type { JournalRow } from '../../ledger/journal.ts';
import { journal } from '../../ledger/journal.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { MemoryEngine } from '../../ledger/memory/memoryEngine.ts';
import { createAuthenticator } from '../../people/authenticator.ts';
import {
  ALWAYS,
  device,
  EVERYWHERE,
  extension,
  FOREVER,
  peopleEntities,
  token,
  user,
  webhook,
} from '../../people/entities.ts';
import { FIRST_ADMINISTRATOR_ID } from '../../people/firstAdministrator.ts';
import { holderOf } from '../../people/holders.ts';
import { tokenHash } from '../../people/tokenHash.ts';
import { source, sourceEntities } from '../../sources/entities.ts';
import { changeLine } from './apply.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-apply-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const keyFile = openKeyFile(directory);

const ENTITIES: readonly Entity<object>[] = [
  user,
  extension,
  device,
  token,
  webhook,
  source,
  campaign,
  callingList,
  setting,
];
const DEVICE = '42e3a1c6-fc5e-425b-9411-125f536fde00';
const OPS = { name: 'ops', token: 'hunter2hunter2hunter2', roles: ['administrator'] };
const HQ = { key: 'hq', kind: 'yeastar', secret: 'hunter2-hq', timeZone: 'Asia/Shanghai', numbers: { ivr: ['62xx'] } };
const ANNA = {
  id: 1,
  login: 'anna',
  password: 'hunter2-anna',
  name: 'Anna Berg',
  extension: '2005',
  devices: [DEVICE],
};
const ORGANISATION = { timeZone: 'Europe/Berlin', country: 'DE', users: [ANNA], tokens: [OPS], sources: [HQ] };

async function setUp() {
  const time = { now: 1_000_000 };
  const engine = new MemoryEngine({
    entities: [...sourceEntities, ...callEntities, ...peopleEntities, ...campaignEntities, setting],
  });
  const ledger = await Ledger.open({ engine, clock: () => time.now, onFatal: error => assert.fail(error) });
  const { administrator } = await ensureFoundations(ledger, { random: randomBytes });
  const deps = { clock: () => time.now, keyFile, random: randomBytes };
  const parse = (file: object) =>
    parseOrganisation(JSON.stringify(file), { variables: {}, directory }, 'organisation.json');
  return {
    time,
    ledger,
    administrator: administrator!,
    apply: async (file: object) => (await applyOrganisation(ledger, parse(file), deps)).map(changeLine),
    check: (file: object) => checkOrganisation(ledger, parse(file), deps),
    holder: (number: string, at: number) => holderOf(ledger.directory, number, null, at),
    entries: (): Promise<JournalRow[]> => ledger.reader.select({ from: journal, limit: 100 }),
    rows: () => JSON.stringify(ENTITIES.map(each => ledger.directory.all<object>(each))),
  };
}

describe('applyOrganisation', () => {
  test('a new organisation - is created whole', async () => {
    const { ledger, apply, entries } = await setUp();
    assert.deepEqual(await apply(ORGANISATION), [
      '~ settings: timeZone, country',
      '+ user 1 (anna)',
      '+ token ops',
      '~ source native: timeZone, country',
      '+ source hq',
    ]);
    const { get, find, all } = ledger.directory;
    const anna = get(user, 1)!;
    assert.match(anna.password!, /^\$scrypt\$/);
    assert.deepEqual(
      { ...anna, password: null },
      {
        id: 1,
        login: 'anna',
        name: 'Anna Berg',
        password: null,
        roles: ['agent'],
        active: true,
        features: ['api-voice-outbound'],
        managedBy: 'file',
      },
    );
    assert.deepEqual(all(extension), [{ number: '2005', source: EVERYWHERE, from: ALWAYS, until: FOREVER, userId: 1 }]);
    assert.deepEqual(all(device), [{ id: DEVICE, from: ALWAYS, until: FOREVER, userId: 1 }]);
    assert.equal(find(token, 'byName', 'ops')[0]!.id, 1);
    const hq = find(source, 'byKey', 'hq')[0]!;
    assert.equal(hq.id, 2, 'the source behind /v1 is the first');
    assert.equal(keyFile.open(hq.settings['secret'] as string), 'hunter2-hq');
    assert.deepEqual(
      [hq.timeZone, hq.country, hq.settings['unsigned'], hq.numbers.ivr],
      ['Asia/Shanghai', 'DE', false, ['62xx']],
    );
    assert.equal(readSetting(ledger.directory, 'timeZone'), 'Europe/Berlin');
    assert.deepEqual(
      (await entries()).map(({ kind, data }) => ({ kind, data })),
      [{ kind: 'organisation.changed', data: { created: 3, changed: 2, deactivated: 0, activated: 0 } }],
    );
  });

  test('those it names - can come in', async () => {
    const { ledger, apply, time } = await setUp();
    await apply(ORGANISATION);
    const { basic, bearer } = createAuthenticator({
      directory: ledger.directory,
      clock: () => time.now,
      random: randomBytes,
    });
    assert.equal(bearer('hunter2hunter2hunter2')?.name, 'ops');
    assert.deepEqual(await basic('anna', 'hunter2-anna', '::1'), {
      kind: 'user',
      name: 'anna',
      userId: 1,
      roles: ['agent'],
    });
  });

  test('a second time - changes and writes nothing at all', async () => {
    const { ledger, apply, check, rows, time } = await setUp();
    await apply(ORGANISATION);
    const [before, position] = [rows(), ledger.position];
    time.now += 86_400_000;
    assert.deepEqual(await check(ORGANISATION), ['nothing would change']);
    assert.deepEqual(await apply(ORGANISATION), []);
    assert.equal(rows(), before, 'stored passwords and secrets included');
    assert.equal(ledger.position, position);
  });

  test('what is no longer named - is deactivated and stays', async () => {
    const { ledger, apply, time } = await setUp();
    await apply(ORGANISATION);
    time.now = 2_000_000;
    assert.deepEqual(
      await apply({
        timeZone: 'Europe/Berlin',
        country: 'DE',
        tokens: [{ ...OPS, name: 'boss', token: 'hunter2-the-next-one' }],
      }),
      [
        '- user 1 (anna) (deactivated): extension 2005, device 42e3a1c6-fc5e-425b-9411-125f536fde00',
        '+ token boss',
        '- token ops (deactivated)',
        '- source hq (deactivated)',
      ],
    );
    const { get, find, all } = ledger.directory;
    assert.equal(get(user, 1)!.active, false);
    assert.match(get(user, 1)!.password!, /^\$scrypt\$/);
    assert.equal(find(token, 'byName', 'ops')[0]!.active, false);
    assert.equal(find(source, 'byKey', 'hq')[0]!.active, false);
    assert.deepEqual(all(extension), [
      { number: '2005', source: EVERYWHERE, from: ALWAYS, until: 2_000_000, userId: 1 },
    ]);
    assert.deepEqual(all(device), [{ id: DEVICE, from: ALWAYS, until: 2_000_000, userId: 1 }]);
    assert.equal(find(source, 'byKey', 'native')[0]!.active, true);
  });

  test('what is named again - is activated again under its old id', async () => {
    const { ledger, apply, time } = await setUp();
    await apply(ORGANISATION);
    const stored = ledger.directory.get(user, 1)!.password;
    time.now = 2_000_000;
    await apply({ ...ORGANISATION, users: [], sources: [] });
    time.now = 3_000_000;
    assert.deepEqual(await apply({ ...ORGANISATION, sources: [{ ...HQ, autoZone: true }] }), [
      '+ user 1 (anna) (activated): extension 2005, device 42e3a1c6-fc5e-425b-9411-125f536fde00',
      '+ source hq (activated): autoZone',
    ]);
    assert.equal(ledger.directory.get(user, 1)!.password, stored);
    assert.equal(ledger.directory.find(source, 'byKey', 'hq')[0]!.id, 2);
    assert.equal(holderOf(ledger.directory, '2005', null, 1_999_999), 1);
    assert.equal(holderOf(ledger.directory, '2005', null, 2_500_000), null);
    assert.equal(holderOf(ledger.directory, '2005', null, 3_000_000), 1);
  });

  test('a moved extension - keeps who held it before', async () => {
    const { apply, holder, time } = await setUp();
    await apply(ORGANISATION);
    time.now = 2_000_000;
    const bert = { id: 2, login: 'bert', extension: '2005' };
    assert.deepEqual(await apply({ ...ORGANISATION, users: [{ ...ANNA, extension: '2006' }, bert] }), [
      '~ user 1 (anna): extension 2005, extension 2006',
      '+ user 2 (bert)',
    ]);
    assert.deepEqual([holder('2005', 0), holder('2005', 1_999_999), holder('2005', 2_000_000)], [1, 1, 2]);
    assert.deepEqual([holder('2006', 1_999_999), holder('2006', 2_000_000)], [null, 1]);
    time.now = 3_000_000;
    await apply({ ...ORGANISATION, users: [ANNA, { ...bert, extension: '2006' }] });
    assert.deepEqual(
      [0, 2_500_000, 3_000_000].map(at => holder('2005', at)),
      [1, 2, 1],
    );
    assert.deepEqual(
      [0, 2_500_000, 3_000_000].map(at => holder('2006', at)),
      [null, 1, 2],
    );
  });

  test('a move dated back - takes the stated dates, and says whose past it changes', async () => {
    const { apply, holder, time } = await setUp();
    await apply(ORGANISATION);
    time.now = Date.UTC(2026, 5, 1);
    const anna = {
      ...ANNA,
      extension: [
        { number: '2005', to: '2026-04-01' },
        { number: '2006', from: '2026-04-01' },
      ],
    };
    const bert = { id: 2, login: 'bert', extension: [{ number: '2005', from: '2026-04-01' }] };
    assert.deepEqual(await apply({ ...ORGANISATION, users: [anna, bert] }), [
      '~ user 1 (anna): extension 2005, extension 2006',
      '+ user 2 (bert)',
    ]);
    const midnight = Date.UTC(2026, 2, 31, 22);
    assert.deepEqual([holder('2005', midnight - 1), holder('2005', midnight)], [1, 2]);
    assert.deepEqual([holder('2006', midnight - 1), holder('2006', midnight)], [null, 1]);
    const takenWhole = { ...bert, extension: [{ number: '2005', from: '1970-01-01' }] };
    assert.deepEqual(await apply({ ...ORGANISATION, users: [{ ...anna, extension: '2006' }, takenWhole] }), [
      '~ user 1 (anna): extension 2005',
      '~ user 2 (bert): extension 2005',
    ]);
    assert.equal(holder('2005', 0), 2);
  });

  test('changed secrets - are stored anew, each named without its value', async () => {
    const { ledger, apply, rows } = await setUp();
    await apply(ORGANISATION);
    const before = ledger.directory.get(user, 1)!.password;
    assert.deepEqual(
      await apply({
        ...ORGANISATION,
        users: [{ ...ANNA, password: 'hunter2-berg', roles: ['supervisor', 'agent'], name: 'A. Berg' }],
        tokens: [{ ...OPS, token: 'hunter2-another-token' }],
        sources: [{ ...HQ, secret: 'hunter2-another', shortSeconds: 10 }],
      }),
      ['~ user 1 (anna): name, password, roles', '~ token ops: token', '~ source hq: shortSeconds, secret'],
    );
    assert.notEqual(ledger.directory.get(user, 1)!.password, before);
    assert.equal(
      keyFile.open(ledger.directory.find(source, 'byKey', 'hq')[0]!.settings['secret'] as string),
      'hunter2-another',
    );
    assert.ok(!rows().includes('hunter2'));
    assert.deepEqual(await apply({ ...ORGANISATION, users: [{ ...ANNA, password: null }] }), [
      '~ user 1 (anna): name, password, roles',
      '~ token ops: token',
      '~ source hq: shortSeconds, secret',
    ]);
    assert.equal(ledger.directory.get(user, 1)!.password, null);
  });

  test('a lost key file - is healed by the secrets of the file', async () => {
    const { ledger, apply } = await setUp();
    await apply(ORGANISATION);
    const other = openKeyFile(join(directory, 'another'));
    const file = parseOrganisation(JSON.stringify(ORGANISATION), { variables: {}, directory }, 'x');
    const changes = await applyOrganisation(ledger, file, { clock: () => 0, keyFile: other, random: randomBytes });
    assert.deepEqual(changes.map(changeLine), ['~ source hq: secret']);
    assert.equal(
      other.open(ledger.directory.find(source, 'byKey', 'hq')[0]!.settings['secret'] as string),
      'hunter2-hq',
    );
  });

  test('settings that are no longer stated - are the defaults again', async () => {
    const { ledger, apply } = await setUp();
    await apply({ ...ORGANISATION, outbound: { allow: ['10.0.0.0/8'] } });
    assert.deepEqual(readSetting(ledger.directory, 'outboundAllow'), ['10.0.0.0/8']);
    const { timeZone: _, ...rest } = ORGANISATION;
    assert.deepEqual(await apply(rest), ['~ settings: timeZone, outbound.allow', '~ source native: timeZone']);
    assert.equal(readSetting(ledger.directory, 'timeZone'), 'UTC');
  });
});

test('a ledger that is yet to be founded - what the file would change beyond what founding it does', async () => {
  const reader = new MemoryEngine({ entities: ENTITIES }).reader;
  const directory = directoryOf(await readResidents(ENTITIES, reader));
  const file = parseOrganisation(
    JSON.stringify({ users: [{ id: 1, login: 'anna' }], bitrix24: { webhooks: [{ user: 1, code: 'abc123' }] } }),
    { variables: {}, directory: '.' },
    'organisation.json',
  );
  assert.deepEqual(await checkOrganisation({ directory, reader }, file, { clock: () => 1_000, keyFile }), [
    '+ user 1 (anna)',
    '+ source bitrix24',
    '+ webhook of user 1',
  ]);
});

describe('logins that change hands', () => {
  test('two users - may swap theirs', async () => {
    const { ledger, apply } = await setUp();
    const named = (first: string, second: string) => ({
      users: [
        { id: 1, login: first },
        { id: 2, login: second },
      ],
    });
    await apply(named('anna', 'bert'));
    assert.deepEqual(await apply(named('bert', 'anna')), [
      '~ user 1 (bert): login, name',
      '~ user 2 (anna): login, name',
    ]);
    assert.deepEqual(
      ledger.directory.find(user, 'byLogin', 'anna').map(each => each.id),
      [2],
    );
    assert.deepEqual(await apply(named('bert', 'anna')), []);
  });

  test('a login of somebody who left - goes to who is new', async () => {
    const { ledger, apply } = await setUp();
    await apply({ users: [ANNA] });
    const next = { users: [{ ...ANNA, id: 2 }] };
    assert.deepEqual(await apply(next), [
      '+ user 2 (anna)',
      '- user 1 (anna) (deactivated): login, extension 2005, device 42e3a1c6-fc5e-425b-9411-125f536fde00',
    ]);
    assert.equal(ledger.directory.get(user, 1)!.login, 'anna:1');
    assert.deepEqual(await apply(next), []);
  });
});

describe('the first administrator', () => {
  const boss = { id: 5, login: 'boss', password: 'hunter2', roles: ['administrator'] };
  const isActive = (ledger: Ledger) => ledger.directory.get(user, FIRST_ADMINISTRATOR_ID)!.active;

  test('stays - until the file gives its login to another administrator', async () => {
    const { ledger, apply } = await setUp();
    for (const users of [[], [ANNA], [{ ...boss, active: false }], [{ ...boss, password: null }]]) {
      await apply({ users });
      assert.equal(isActive(ledger), true);
    }
    await apply({ users: [boss], tokens: [OPS] });
    assert.equal(isActive(ledger), true, 'nobody said that it should go');
    await apply({ users: [{ ...boss, login: 'admin' }] });
    assert.equal(isActive(ledger), false);
    await apply({ users: [] });
    assert.equal(isActive(ledger), true, 'and comes back when there is nobody else');
    assert.equal(ledger.directory.find(user, 'byLogin', 'admin')[0]?.id, FIRST_ADMINISTRATOR_ID);
  });

  test('gives up the login to another administrator only', async () => {
    const { ledger, apply, check, rows } = await setUp();
    const before = rows();
    await assert.rejects(apply({ users: [{ id: 5, login: 'admin', password: 'hunter2' }] }), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^The login admin cannot be given to user 5: [^\n]+\.$/);
      return true;
    });
    assert.equal(rows(), before);
    const file = { users: [{ ...boss, login: 'admin' }] };
    assert.deepEqual(await apply(file), ['+ user 5 (admin)', '- user 1000000 (admin) (deactivated): login']);
    assert.deepEqual(
      ledger.directory.find(user, 'byLogin', 'admin').map(each => each.id),
      [5],
    );
    assert.deepEqual(await check(file), ['nothing would change']);
  });

  test('named by the file - is a user like others', async () => {
    const { ledger, apply, administrator } = await setUp();
    const named = { id: FIRST_ADMINISTRATOR_ID, ...administrator, roles: ['administrator'] };
    const stored = ledger.directory.get(user, FIRST_ADMINISTRATOR_ID)!.password;
    assert.deepEqual(await apply({ users: [named] }), ['~ user 1000000 (admin): name']);
    assert.equal(ledger.directory.get(user, FIRST_ADMINISTRATOR_ID)!.password, stored);
  });
});

describe('webhooks', () => {
  const CODE = 'hunter2-abc123';
  const withHooks = (...webhooks: object[]) => ({ ...ORGANISATION, bitrix24: { webhooks } });

  test('all of them - are one portal, and are stored as hashes', async () => {
    const { ledger, apply, rows } = await setUp();
    await apply(ORGANISATION);
    assert.deepEqual(
      await apply(withHooks({ user: 1, code: CODE }, { user: 1, code: 'hunter2-other', scope: ['crm'] })),
      ['+ source bitrix24', '+ webhook of user 1', '+ webhook of user 1'],
    );
    const { find, all } = ledger.directory;
    const [portal] = find(source, 'byKey', 'bitrix24');
    assert.deepEqual([portal!.kind, portal!.timeZone, portal!.country], ['bitrix24', 'Europe/Berlin', 'DE']);
    const [first] = find(webhook, 'byHash', tokenHash(CODE));
    assert.deepEqual(first, {
      id: 1,
      name: 'of user 1',
      userId: 1,
      codeHash: tokenHash(CODE),
      scope: ['telephony', 'crm', 'user'],
      withheld: 'accept',
      sourceId: portal!.id,
      active: true,
      managedBy: 'file',
    });
    assert.deepEqual(
      all(webhook).map(each => each.sourceId),
      [portal!.id, portal!.id],
    );
    assert.ok(!rows().includes('hunter2'));
    assert.deepEqual(
      await apply(withHooks({ user: 1, code: CODE }, { user: 1, code: 'hunter2-other', scope: ['crm'] })),
      [],
    );
  });

  test('another code - is another webhook, and the old one opens nothing any more', async () => {
    const { ledger, apply } = await setUp();
    await apply(withHooks({ user: 1, code: CODE, name: 'PBX' }));
    assert.deepEqual(await apply(withHooks({ user: 1, code: `${CODE}2`, name: 'PBX' })), [
      '+ webhook PBX',
      '- webhook PBX (deactivated)',
    ]);
    assert.equal(ledger.directory.find(webhook, 'byHash', tokenHash(CODE))[0]!.active, false);
    const bert = { id: 2, login: 'bert' };
    const moved = { ...withHooks({ user: 2, code: CODE, scope: ['user'] }), users: [ANNA, bert] };
    assert.deepEqual(await apply(moved), [
      '+ user 2 (bert)',
      '+ webhook of user 2 (activated): name, user, scope',
      '- webhook PBX (deactivated)',
    ]);
  });

  test('when the last one goes - the portal goes with it, and comes back under its old id', async () => {
    const { ledger, apply } = await setUp();
    await apply(withHooks({ user: 1, code: CODE }));
    const { id } = ledger.directory.find(source, 'byKey', 'bitrix24')[0]!;
    assert.deepEqual(await apply(ORGANISATION), [
      '- source bitrix24 (deactivated)',
      '- webhook of user 1 (deactivated)',
    ]);
    assert.deepEqual(await apply(ORGANISATION), []);
    assert.deepEqual(await apply({ ...withHooks({ user: 1, code: CODE }), country: 'AT' }), [
      '~ settings: country',
      '~ source native: country',
      '~ source hq: country',
      '+ source bitrix24 (activated): country',
      '+ webhook of user 1 (activated)',
    ]);
    assert.equal(ledger.directory.find(source, 'byKey', 'bitrix24')[0]!.id, id);
  });
});

describe('campaigns', () => {
  writeFileSync(join(directory, 'one.csv'), 'contact_info\n');
  writeFileSync(join(directory, 'two.csv'), 'contact_info\n');
  const lists = [{ name: 'CallingList1', file: 'one.csv' }];
  const CAMPAIGN = { name: 'Campaign1', applicationId: 134, group: 'AgentGroup1', lists };
  const withCampaigns = (...campaigns: object[]) => ({ ...ORGANISATION, campaigns });

  test('a new one - is created with its lists and the source of the desktops', async () => {
    const { ledger, apply } = await setUp();
    await apply(ORGANISATION);
    assert.deepEqual(await apply(withCampaigns(CAMPAIGN)), [
      '+ source genesys',
      '+ campaign Campaign1',
      '+ list CallingList1 of Campaign1',
    ]);
    assert.equal(ledger.directory.find(source, 'byKey', 'genesys')[0]!.kind, 'genesys');
    assert.deepEqual(ledger.directory.all(campaign), [
      {
        id: 1,
        name: 'Campaign1',
        applicationId: 134,
        groupName: 'Campaign1@AgentGroup1',
        timeZone: 'Europe/Berlin',
        country: 'DE',
        active: true,
        managedBy: 'file',
      },
    ]);
    assert.deepEqual(ledger.directory.all(callingList), [
      { id: 1, campaignId: 1, name: 'CallingList1', active: true, places: 0, fileDigest: null, fileRows: 0 },
    ]);
    assert.deepEqual(await apply(withCampaigns(CAMPAIGN)), []);
  });

  test('what changes, goes and comes back - is told for each, and an import is not forgotten', async () => {
    const { ledger, apply } = await setUp();
    await apply(withCampaigns(CAMPAIGN));
    await ledger.submit({
      name: 'pretend an import',
      bytes: 100,
      apply: state =>
        state.put(callingList, { ...state.get(callingList, 1)!, places: 5, fileDigest: 'x', fileRows: 5 }),
    });
    const second = { name: 'Second', file: 'two.csv' };
    const changed = { ...CAMPAIGN, group: 'Others', country: 'AT', lists: [...lists, second] };
    assert.deepEqual(await apply(withCampaigns(changed)), [
      '~ campaign Campaign1: group, country',
      '+ list Second of Campaign1',
    ]);
    assert.deepEqual(await apply(withCampaigns({ ...changed, lists: [second] })), [
      '- list CallingList1 of Campaign1 (deactivated)',
    ]);
    assert.deepEqual(await apply(ORGANISATION), [
      '- source genesys (deactivated)',
      '- campaign Campaign1 (deactivated)',
    ]);
    assert.deepEqual(await apply(withCampaigns(changed)), [
      '+ source genesys (activated)',
      '+ campaign Campaign1 (activated)',
      '+ list CallingList1 of Campaign1 (activated)',
    ]);
    assert.deepEqual(
      ledger.directory.all(callingList).map(each => [each.id, each.places, each.fileRows]),
      [
        [1, 5, 5],
        [2, 0, 0],
      ],
    );
  });

  test('lists of one name in two campaigns - are two lists', async () => {
    const { ledger, apply } = await setUp();
    await apply(withCampaigns(CAMPAIGN, { ...CAMPAIGN, name: 'Campaign2' }));
    assert.deepEqual(
      ledger.directory.all(callingList).map(each => [each.campaignId, each.name]),
      [
        [1, 'CallingList1'],
        [2, 'CallingList1'],
      ],
    );
  });
});

describe('features', () => {
  test('they are what the file says, and change like anything else', async () => {
    const { ledger, apply } = await setUp();
    await apply(ORGANISATION);
    const features = ['api-voice', 'api-something-new'];
    assert.deepEqual(await apply({ ...ORGANISATION, users: [{ ...ANNA, features }] }), ['~ user 1 (anna): features']);
    assert.deepEqual(ledger.directory.get(user, 1)!.features, features);
    assert.deepEqual(ledger.directory.get(user, FIRST_ADMINISTRATOR_ID)!.features, ['api-voice-outbound']);
  });
});

describe('checkOrganisation', () => {
  test('says what would change, without a secret, and writes nothing', async () => {
    const { ledger, apply, check, rows } = await setUp();
    assert.deepEqual(await check(ORGANISATION), [
      '~ settings: timeZone, country',
      '+ user 1 (anna)',
      '+ token ops',
      '~ source native: timeZone, country',
      '+ source hq',
    ]);
    await apply(ORGANISATION);
    const [before, position] = [rows(), ledger.position];
    const changed = {
      ...ORGANISATION,
      users: [{ ...ANNA, password: 'hunter2-new' }],
      tokens: [],
      sources: [{ ...HQ, secret: 'hunter2-new' }],
    };
    assert.deepEqual(await check(changed), [
      '~ user 1 (anna): password',
      '- token ops (deactivated)',
      '~ source hq: secret',
    ]);
    assert.equal(rows(), before);
    assert.equal(ledger.position, position);
  });
});
