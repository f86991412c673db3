import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseOrganisation, readOrganisationFile } from '../../app/organisationFile.ts';
import { ConfigError } from '../../config/configError.ts';
import { EVERYWHERE } from '../../people/entities.ts';
import { NO_NUMBERS } from '../../sources/entities.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-organisation-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const VARIABLES = { ANNA_PASSWORD: 'hunter2-anna', EMPTY: '' };
writeFileSync(join(directory, 'secret.txt'), 'hunter2 from a file\r\n');
writeFileSync(join(directory, 'empty.txt'), '\n');
writeFileSync(join(directory, 'list.csv'), 'contact_info\n');

/** A small organisation with one of everything. */
const EXAMPLE = {
  timeZone: 'Europe/Berlin',
  country: 'DE',
  users: [
    {
      id: 1,
      login: 'anna',
      password: 'hunter2',
      name: 'Anna Berg',
      extension: '2005',
      roles: ['agent'],
      active: true,
      devices: ['42e3a1c6-fc5e-425b-9411-125f536fde00'],
      features: ['api-voice', 'api-voice-outbound', 'api-voice'],
    },
  ],
  tokens: [{ name: 'ops', token: 'hunter2hunter2hunter2', roles: ['administrator'] }],
  sources: [
    {
      key: 'hq',
      kind: 'yeastar',
      serial: '3631A2124XXX',
      timeZone: 'Asia/Shanghai',
      secret: null,
      unsigned: true,
      numbers: { ivr: ['62xx'], queue: ['64xx'], internal: ['[2-4]xxx'] },
    },
  ],
  outbound: { allow: [] },
  bitrix24: { webhooks: [{ user: 1, code: 'hunter2-code', scope: ['user', 'crm'], name: 'PBX connector' }] },
  campaigns: [
    {
      name: 'Campaign1',
      applicationId: 134,
      group: 'AgentGroup1',
      timeZone: 'America/New_York',
      country: 'US',
      lists: [{ name: 'CallingList1', file: 'list.csv' }],
    },
  ],
};

const parse = (value: unknown) =>
  parseOrganisation(JSON.stringify(value), { variables: VARIABLES, directory }, 'organisation.json');

function problems(value: unknown): readonly string[] {
  try {
    parse(value);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.ok(!error.message.includes('hunter2'), 'a message never holds a secret');
    return error.problems;
  }
}

const user = (more: object) => ({ users: [{ id: 1, login: 'anna', ...more }] });
const source = (more: object) => ({ sources: [{ key: 'hq', kind: 'yeastar', unsigned: true, ...more }] });

describe('parseOrganisation', () => {
  test('the example - is read whole', () => {
    const held = { source: EVERYWHERE, from: null, to: null };
    assert.deepEqual(parse(EXAMPLE), {
      timeZone: 'Europe/Berlin',
      country: 'DE',
      users: [
        {
          id: 1,
          login: 'anna',
          password: 'hunter2',
          name: 'Anna Berg',
          roles: ['agent'],
          active: true,
          extensions: [{ what: '2005', ...held, path: 'users[0].extension' }],
          devices: [{ what: '42e3a1c6-fc5e-425b-9411-125f536fde00', ...held, path: 'users[0].devices[0]' }],
          features: ['api-voice', 'api-voice-outbound'],
        },
      ],
      tokens: [{ name: 'ops', token: 'hunter2hunter2hunter2', roles: ['administrator'] }],
      sources: [
        {
          key: 'hq',
          kind: 'yeastar',
          timeZone: 'Asia/Shanghai',
          country: 'DE',
          areaCode: null,
          outsidePrefix: null,
          shortSeconds: 5,
          answerWithinSeconds: 20,
          queueThresholds: {},
          numbers: { ...NO_NUMBERS, ivr: ['62xx'], queue: ['64xx'], internal: ['[2-4]xxx'] },
          settings: { serial: '3631A2124XXX', secret: null, unsigned: true, autoZone: false, displayFormat: null },
        },
      ],
      outbound: { allow: [] },
      bitrix24: {
        webhooks: [
          { code: 'hunter2-code', userId: 1, name: 'PBX connector', scope: ['crm', 'user'], withheld: 'accept' },
        ],
      },
      campaigns: [
        {
          name: 'Campaign1',
          applicationId: 134,
          group: 'AgentGroup1',
          timeZone: 'America/New_York',
          country: 'US',
          lists: [{ name: 'CallingList1', file: 'list.csv', path: join(directory, 'list.csv') }],
        },
      ],
    });
  });

  test('what is left out - has defaults', () => {
    assert.deepEqual(parse({}), {
      timeZone: 'UTC',
      country: 'US',
      users: [],
      tokens: [],
      sources: [],
      outbound: { allow: [] },
      bitrix24: { webhooks: [] },
      campaigns: [],
    });
    const [anna] = parse(user({})).users;
    assert.deepEqual(anna, {
      id: 1,
      login: 'anna',
      password: null,
      name: 'anna',
      roles: ['agent'],
      active: true,
      extensions: [],
      devices: [],
      features: ['api-voice-outbound'],
    });
    const { bitrix24, campaigns } = parse({
      ...user({}),
      timeZone: 'Europe/Berlin',
      country: 'DE',
      bitrix24: { webhooks: [{ user: 1, code: 'hunter2' }] },
      campaigns: [{ name: 'Campaign1', applicationId: 134 }],
    });
    assert.deepEqual(bitrix24.webhooks, [
      { code: 'hunter2', userId: 1, name: 'of user 1', scope: ['telephony', 'crm', 'user'], withheld: 'accept' },
    ]);
    assert.deepEqual(campaigns, [
      { name: 'Campaign1', applicationId: 134, group: 'Agents', timeZone: 'Europe/Berlin', country: 'DE', lists: [] },
    ]);
  });

  test('a byte order mark - is no mistake', () => {
    const text = `\uFEFF${JSON.stringify(EXAMPLE)}`;
    assert.equal(parseOrganisation(text, { variables: {}, directory }, 'x').country, 'DE');
  });

  test('unknown keys - are refused by name, with what was probably meant', () => {
    assert.deepEqual(
      problems({
        timezone: 'UTC',
        users: [{ id: 1, login: 'anna', extention: '2005', feature: ['api-voice-outbound'] }],
        sources: [{ key: 'hq', kind: 'yeastar', unsigned: true, numbers: { ivrs: [] }, 'a b': 1 }],
        bitrix25: {},
        bitrix24: { webhook: [] },
        campaigns: [{ name: 'Campaign1', applicationId: 1, list: [] }],
      }),
      [
        'timezone is not known; did you mean timeZone?',
        'bitrix25 is not known.',
        'users[0].extention is not known; did you mean extension?',
        'users[0].feature is not known; did you mean features?',
        'sources[0]["a b"] is not known.',
        'sources[0].numbers.ivrs is not known; did you mean ivr?',
        'bitrix24.webhook is not known; did you mean webhooks?',
        'campaigns[0].list is not known; did you mean lists?',
      ],
    );
  });

  test('keys that mean something to JavaScript - are unknown like others', () => {
    assert.deepEqual(
      (() => {
        try {
          parseOrganisation('{"__proto__": {"users": []}, "constructor": 1}', { variables: {}, directory }, 'x');
          return null;
        } catch (error) {
          return (error as ConfigError).problems;
        }
      })(),
      ['__proto__ is not known.', 'constructor is not known.'],
    );
  });

  test('what is missing or of the wrong kind - is named with its path, all at once', () => {
    assert.deepEqual(
      problems({
        timeZone: 'Berlin',
        country: 'Germany',
        users: [
          { login: 7, roles: ['admin'], active: 'yes', devices: ['42'] },
          'anna',
          { id: 0, login: 'a:b', extension: 2005 },
        ],
        tokens: [{ token: 'hunter2', roles: 'administrator' }],
        sources: { hq: {} },
        outbound: { allow: ['a b', 5] },
      }),
      [
        'timeZone must be the name of a time zone, as in "Europe/Berlin", not "Berlin".',
        'country must be a country\'s two letters, as in "DE", not "Germany".',
        'users[0].id is missing.',
        'users[0].login must be text in double quotes.',
        'users[0].roles[0] must be one of administrator, supervisor, agent, reporter, not "admin".',
        'users[0].active must be true or false.',
        'users[0].devices[0] must be a UUID, as in "42e3a1c6-fc5e-425b-9411-125f536fde00", not "42".',
        'users[1] must be an object in braces.',
        `users[2].id must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`,
        'users[2].login must be without a colon, and without blanks at its ends, not "a:b".',
        'users[2].extension must be a number in double quotes, as in "2005", or {"number","source","from","to"}, or a list of these.',
        'tokens[0].name is missing.',
        'tokens[0].roles must be a list in square brackets.',
        'tokens[0].token must have 16 to 1024 characters.',
        'sources must be a list in square brackets.',
        'outbound.allow[0] must be without blanks, not "a b".',
        'outbound.allow[1] must be text in double quotes.',
      ],
    );
    assert.deepEqual(problems([]), ['the file must be an object in braces.']);
  });

  test('many mistakes - the first twenty are listed and the others counted', () => {
    const lines = problems({ users: Array.from({ length: 30 }, () => ({ id: 'x', login: 'x' })) });
    assert.equal(lines.length, 21);
    assert.equal(lines[20], '… and 10 more.');
  });

  test('a source - names what is wrong with it', () => {
    assert.deepEqual(problems(source({ unsigned: false })), [
      'sources[0] has no secret: give it one, or say "unsigned": true to take reports that nobody signed.',
    ]);
    assert.deepEqual(problems(source({ abandonSeconds: 5 })), [
      'sources[0].abandonSeconds is not known: abandonSeconds is now shortSeconds.',
    ]);
    assert.deepEqual(problems({ sources: [{ key: 'native', kind: 'yeastar', secret: 'hunter2' }] }), [
      'sources[0].key must not be native, which is the source behind /v1.',
    ]);
    assert.deepEqual(problems(source({ key: 'a/b', kind: 'asterisk' })), [
      'sources[0].key must be made of letters, digits, dots, hyphens and underscores, since it stands in an address, not "a/b".',
      'sources[0].kind must be yeastar, not "asterisk".',
    ]);
    assert.deepEqual(problems(source({ key: '..' })).length, 1);
    assert.deepEqual(problems(source({ shortSeconds: 3601, numbers: { ivr: ['6[2', 7] }, displayFormat: 'QQ' })), [
      'sources[0].shortSeconds must be a whole number from 0 to 3600.',
      'sources[0].numbers.ivr[0] is not a pattern: Number pattern "6[2": a set is opened and not closed at position 2.',
      'sources[0].numbers.ivr[1] must be a pattern in double quotes, as in "62xx".',
      'sources[0].displayFormat must be a date and time format, as in "DD/MM/YYYY hh:mm:ss A", not "QQ".',
    ]);
    const bounds = '2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 3600 seconds';
    assert.deepEqual(problems(source({ answerWithinSeconds: 25, queueThresholds: { 6400: '30', 6401: 30 } })), [
      `sources[0].answerWithinSeconds must be one of ${bounds}.`,
      `sources[0].queueThresholds.6400 must be one of ${bounds}.`,
    ]);
    assert.deepEqual(problems(source({ queueThresholds: [30] })), [
      'sources[0].queueThresholds must be an object in braces.',
    ]);
    const [quick] = parse(source({ answerWithinSeconds: 10, queueThresholds: { 6401: 45 } })).sources;
    assert.deepEqual([quick!.answerWithinSeconds, quick!.queueThresholds], [10, { 6401: 45 }]);
    const [hq] = parse(
      source({ secret: 'x', areaCode: '30', outsidePrefix: '0', displayFormat: 'DD/MM/YYYY' }),
    ).sources;
    const { secret, unsigned } = hq!.settings;
    assert.deepEqual([secret, unsigned, hq!.areaCode, hq!.outsidePrefix], ['x', true, '30', '0']);
  });

  test('what must be unique - is named twice', () => {
    const token = 'hunter2hunter2hunter2';
    assert.deepEqual(
      problems({
        users: [
          { id: 1, login: 'anna' },
          { id: 1, login: 'bert' },
          { id: 2, login: 'anna' },
        ],
        tokens: [
          { name: 'a', token, roles: [] },
          { name: 'b', token, roles: [] },
          { name: 'a', token: `${token}!`, roles: [] },
        ],
        sources: [
          source({}).sources[0],
          source({}).sources[0],
          source({ key: 'east', serial: '3651X0000001' }).sources[0],
          source({ key: 'west', serial: '3651X0000002' }).sources[0],
          source({ key: 'north', serial: ' 3651x0000001' }).sources[0],
        ],
      }),
      [
        'users[1].id is the same as users[0].id.',
        'users[2].login is the same as users[0].login.',
        'tokens[2].name is the same as tokens[0].name.',
        'tokens[1].token is the same as tokens[0].token.',
        'sources[1].key is the same as sources[0].key.',
        'sources[4].serial is the same as sources[2].serial.',
      ],
    );
  });
});

describe('secrets', () => {
  const password = (value: unknown) => parse(user({ password: value })).users[0]!.password;

  test('from the environment or a file - are read, without the line break at the end', () => {
    assert.equal(password('env:ANNA_PASSWORD'), 'hunter2-anna');
    assert.equal(password('file:secret.txt'), 'hunter2 from a file');
    assert.equal(password(`file:${join(directory, 'secret.txt')}`), 'hunter2 from a file');
    assert.equal(password('plain'), 'plain');
    assert.equal(password(null), null);
    assert.equal(parse(source({ secret: 'env:ANNA_PASSWORD' })).sources[0]!.settings['secret'], 'hunter2-anna');
  });

  test('that are not there - name the place and never the value', () => {
    const cases: readonly (readonly [value: unknown, problem: string])[] = [
      ['env:NOT_SET', 'asks for the environment variable NOT_SET, which is not set or empty.'],
      ['env:EMPTY', 'asks for the environment variable EMPTY, which is not set or empty.'],
      ['env:hunter2 is no name', 'must name a variable after env:.'],
      ['file:missing.txt', 'asks for the file missing.txt, which does not exist.'],
      ['file:empty.txt', 'asks for the file empty.txt, which is empty.'],
      ['file:.', 'asks for the file ., which cannot be read (EISDIR).'],
      ['file:', 'must name a file after file:.'],
      ['', 'must not be empty.'],
      [['hunter2'], 'must be text in double quotes.'],
      ['hunter2'.repeat(1000), 'must not be longer than 1024 characters.'],
    ];
    for (const [value, problem] of cases) {
      assert.deepEqual(problems(user({ password: value })), [`users[0].password ${problem}`]);
    }
    assert.deepEqual(problems({ tokens: [{ name: 'a', token: 'hunter2 with a blank', roles: [] }] }), [
      'tokens[0].token must consist of ASCII letters, digits and signs, since it travels in a header.',
    ]);
  });
});

describe('extensions and devices', () => {
  const extension = (value: unknown) =>
    parse({ timeZone: 'Europe/Berlin', ...user({ extension: value }) }).users[0]!.extensions.map(({ from, to }) =>
      [from, to].map(each => each && new Date(each).toISOString()),
    );

  test('dates - begin at midnight of the organisation, instants are instants', () => {
    assert.deepEqual(extension([{ number: '2005', from: '2026-03-29', to: '2026-07-01T08:00:00+02:00' }]), [
      ['2026-03-28T23:00:00.000Z', '2026-07-01T06:00:00.000Z'],
    ]);
    assert.deepEqual(extension([{ number: '2005', to: '2026-07-01' }]), [[null, '2026-06-30T22:00:00.000Z']]);
    assert.deepEqual(extension([{ number: '2005' }, { number: '2006', from: '2026-07-01T00:00:00Z' }]), [
      [null, null],
      ['2026-07-01T00:00:00.000Z', null],
    ]);
  });

  test('dates that are none - are named', () => {
    const meaning =
      'must be a date, as in "2026-03-01", or an instant with its offset, as in "2026-03-01T08:00:00+01:00".';
    for (const from of [
      '2026-02-30',
      '1.3.2026',
      '2026-03-01T08:00:00',
      1_700_000_000_000,
      '+020000-01-01T00:00:00Z',
    ]) {
      assert.deepEqual(problems(user({ extension: [{ number: '2005', from }] })), [
        `users[0].extension[0].from ${meaning}`,
      ]);
    }
    assert.deepEqual(problems(user({ extension: [{ number: '2005', from: '2026-03-01', to: '2026-03-01' }] })), [
      'users[0].extension[0].to must be later than from.',
    ]);
    assert.deepEqual(problems(user({ extension: [{ number: '2005', until: '2026-03-01' }] })), [
      'users[0].extension[0].until is not known.',
    ]);
  });

  test('what two hold at the same time - is refused, and the time named', () => {
    const two = (first: unknown, second: unknown) =>
      problems({
        users: [
          { id: 1, login: 'anna', extension: first },
          { id: 2, login: 'bert', extension: second },
        ],
      });
    assert.deepEqual(two('2005', '2005'), [
      'users[1].extension gives 2005 to user 2 while user 1 holds it (users[0].extension); where each is at a PBX of its own, say at which: {"number", "source"}.',
    ]);
    assert.deepEqual(
      two([{ number: '2005', to: '2026-03-02' }], [{ number: '2005', from: '2026-03-01', to: '2026-05-01' }]),
      [
        'users[1].extension[0] gives 2005 to user 2 while user 1 holds it from 2026-03-01T00:00:00.000Z to 2026-03-02T00:00:00.000Z (users[0].extension[0]); where each is at a PBX of its own, say at which: {"number", "source"}.',
      ],
    );
    assert.deepEqual(two('2005', [{ number: '2005', from: '2026-03-01' }]), [
      'users[1].extension[0] gives 2005 to user 2 while user 1 holds it from 2026-03-01T00:00:00.000Z on (users[0].extension); where each is at a PBX of its own, say at which: {"number", "source"}.',
    ]);
    assert.deepEqual(two([{ number: '2005' }, { number: '2005' }], '2006'), [
      'users[0].extension[1] gives 2005 to user 1 while the same user holds it (users[0].extension[0]).',
    ]);
    assert.deepEqual(two([{ number: '2005', to: '2026-03-01' }], [{ number: '2005', from: '2026-03-01' }]), []);
    assert.deepEqual(two([{ number: '2005', to: '2026-03-01' }], '2005'), []);
    const atBranch = { number: '2005', source: 'branch' };
    assert.deepEqual(two('2005', atBranch), []);
    assert.deepEqual(two({ number: '2005', source: 'hq' }, ['2006', atBranch]), []);
    assert.deepEqual(two(atBranch, atBranch), [
      'users[1].extension gives 2005 at branch to user 2 while user 1 holds it (users[0].extension); where each is at a PBX of its own, say at which: {"number", "source"}.',
    ]);
  });

  test('a device of two users - is refused, however it is written', () => {
    const device = '42e3a1c6-fc5e-425b-9411-125f536fde00';
    assert.deepEqual(
      problems({
        users: [
          { id: 1, login: 'anna', devices: [device] },
          { id: 2, login: 'bert', devices: [device.toUpperCase()] },
        ],
      }),
      [`users[1].devices[0] gives ${device} to user 2 while user 1 holds it (users[0].devices[0]).`],
    );
  });
});

describe('readOrganisationFile', () => {
  const read = (name: string, content: string | Uint8Array | null) => {
    const path = join(directory, name);
    if (content !== null) writeFileSync(path, content);
    return () => readOrganisationFile(path, VARIABLES);
  };
  const sentence = (what: string) => (error: unknown) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.message.replace(directory, ''), what);
    return true;
  };

  test('secrets of files - are looked for beside the file', () => {
    const file = read('good.json', JSON.stringify(user({ password: 'file:secret.txt' })))();
    assert.equal(file.users[0]!.password, 'hunter2 from a file');
  });

  test('a file that cannot be read - is one sentence', () => {
    assert.throws(read('missing.json', null), sentence('The organisation file /missing.json does not exist.'));
    assert.throws(read('.', null), sentence('The organisation file  cannot be read (EISDIR).'));
    assert.throws(
      read('utf16.json', Buffer.from('\uFEFF{}', 'utf16le')),
      sentence('The organisation file /utf16.json is not UTF-8 text.'),
    );
  });

  test('what is not JSON - is placed, and nothing of it repeated', () => {
    assert.throws(
      read('comma.json', '{\n  "tokens": [{ "token": "hunter2" "roles": [] }]\n}'),
      sentence('The organisation file /comma.json is not JSON: line 2, column 35: a comma or } is expected.'),
    );
    assert.throws(
      read('empty.json', ''),
      sentence(
        'The organisation file /empty.json is not JSON: line 1, column 1: the file ends where a value is expected.',
      ),
    );
  });

  test('mistakes - come under a heading that says how many', () => {
    assert.throws(
      read('two.json', '{"user": [], "source": []}'),
      sentence(
        'The organisation file /two.json has 2 mistakes:\n  user is not known; did you mean users?\n  source is not known; did you mean sources?',
      ),
    );
  });
});

describe('features', () => {
  test('words that are none - are refused with what was probably meant, names nobody knows are kept', () => {
    assert.deepEqual(problems(user({ features: ['api-voice-outbond', 'api-made-up'] })), []);
    assert.deepEqual(problems(user({ features: ['voice-outbound', 'Outbound', 5, 'api-voice outbound'] })), [
      'users[0].features[0] must be a feature, as in "api-voice-outbound", not "voice-outbound"; did you mean api-voice-outbound?',
      'users[0].features[1] must be a feature, as in "api-voice-outbound", not "Outbound".',
      'users[0].features[2] must be a feature, as in "api-voice-outbound".',
      'users[0].features[3] must be a feature, as in "api-voice-outbound", not "api-voice outbound"; did you mean api-voice-outbound?',
    ]);
    assert.deepEqual(parse(user({ features: [] })).users[0]!.features, []);
  });
});

describe('webhooks', () => {
  const hooks = (...webhooks: unknown[]) => ({ ...user({}), bitrix24: { webhooks } });

  test('mistakes - are named by path, and no code is repeated', () => {
    const found = problems(
      hooks(
        { user: 2, code: 'hunter2-1', scope: ['telefony', 'im', 5] },
        { code: 'hunt2' },
        { user: 1, code: 'hunter2 with blanks' },
        { user: 1, code: 'env:EMPTY' },
        { user: 1, code: 'hunter2-2' },
        { user: 1, code: 'hunter2-2' },
        { user: 'anna' },
        { user: 1, code: 'hunter2-3', withheld: 'never' },
      ),
    );
    assert.deepEqual(found, [
      'bitrix24.webhooks[0].scope[0] must be one of telephony, crm, user, not "telefony"; did you mean telephony?',
      'bitrix24.webhooks[0].scope[1] must be one of telephony, crm, user, not "im".',
      'bitrix24.webhooks[0].scope[2] must be one of telephony, crm, user.',
      'bitrix24.webhooks[1].user is missing.',
      'bitrix24.webhooks[1].code must have 6 to 100 letters, digits, _ or -.',
      'bitrix24.webhooks[2].code must have 6 to 100 letters, digits, _ or -.',
      'bitrix24.webhooks[3].code asks for the environment variable EMPTY, which is not set or empty.',
      'bitrix24.webhooks[6].code is missing.',
      `bitrix24.webhooks[6].user must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`,
      'bitrix24.webhooks[7].withheld must be accept or refuse, not "never".',
      'bitrix24.webhooks[5].code is the same as bitrix24.webhooks[4].code.',
      'bitrix24.webhooks[0].user must be the id of a user of this file, not 2.',
    ]);
    assert.deepEqual(problems({ bitrix24: [] }), ['bitrix24 must be an object in braces.']);
  });

  test('a code - may stand elsewhere', () => {
    const [hook] = parse(hooks({ user: 1, code: 'env:ANNA_PASSWORD' })).bitrix24.webhooks;
    assert.equal(hook!.code, 'hunter2-anna');
  });
});

describe('campaigns', () => {
  test('mistakes - are named by path', () => {
    const list = { name: 'A', file: 'list.csv' };
    assert.deepEqual(
      problems({
        campaigns: [
          { name: 'One', applicationId: 0, timeZone: 'Berlin', country: 'Germany', lists: {} },
          {
            name: ' Two',
            lists: [list, list, { name: 'B', file: 'missing.csv' }, { name: 'C', file: '.' }, { name: 'D' }],
          },
          { name: 'One', applicationId: 1, group: '' },
          { name: 'One', applicationId: 1 },
        ],
      }),
      [
        'campaigns[0].applicationId must be a whole number from 1 to 2147483647.',
        'campaigns[0].timeZone must be the name of a time zone, as in "Europe/Berlin", not "Berlin".',
        'campaigns[0].country must be a country\'s two letters, as in "DE", not "Germany".',
        'campaigns[0].lists must be a list in square brackets.',
        'campaigns[1].name must be without blanks at its ends, not " Two".',
        'campaigns[1].applicationId is missing.',
        'campaigns[1].lists[1].name is the same as campaigns[1].lists[0].name.',
        'campaigns[1].lists[2].file asks for the file missing.csv, which does not exist.',
        'campaigns[1].lists[3].file asks for the file ., which is no file.',
        'campaigns[1].lists[4].file is missing.',
        'campaigns[2].group must not be empty.',
        'campaigns[3].name is the same as campaigns[2].name.',
      ],
    );
  });

  test('sources the server makes itself - cannot be named', () => {
    for (const [key, what] of [
      ['native', 'behind /v1'],
      ['bitrix24', 'behind the webhooks'],
      ['genesys', 'behind the agent desktops'],
    ]) {
      assert.deepEqual(problems(source({ key })), [`sources[0].key must not be ${key}, which is the source ${what}.`]);
    }
  });
});
