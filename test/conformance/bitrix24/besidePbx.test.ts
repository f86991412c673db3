/**
 * A PBX tells of the calls that an application registers: one call, and one line in the portal's list (ARCHITECTURE.md,
 * section 2).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { push } from '../../kit/pbxWebhook.ts';
import { freshNumber, PORTAL, type Row, STATISTIC, startPortal } from './cases.ts';

const PBX = { key: 'pbx', kind: 'yeastar', unsigned: true, timeZone: 'Etc/UTC', numbers: { internal: ['1xx'] } };
/** Outside lines are dialled with a 0. */
const DIALLING = { ...PBX, key: 'dialling', country: 'GB', outsidePrefix: '0' };
/** So does this one, and local numbers without their area code. */
const BERLIN = { ...PBX, key: 'berlin', country: 'DE', areaCode: '30', outsidePrefix: '0' };
/** With a queue that rings both. */
const QUEUED = { ...PBX, key: 'queued', numbers: { internal: ['1xx'], queue: ['64xx'] } };
/** Nothing is configured; it sends some short numbers out by a trunk. */
const DEFAULT = { ...PBX, key: 'default', country: 'FR', numbers: undefined };
const USERS = [
  ...PORTAL.users,
  { id: 4, login: 'four', extension: '1001' },
  { id: 5, login: 'five', extension: '1002' },
];
const portal = await startPortal({
  config: { ...PORTAL, users: USERS, sources: [PBX, DIALLING, BERLIN, QUEUED, DEFAULT] },
});

let legs = 0;
/** An incoming call to extension 101 that began now. */
async function pbxTells(number: string, said: object, startedAt = Date.now(), source = PBX.key): Promise<string> {
  const callId = `${Math.floor(startedAt / 1000)}.${++legs}`;
  const leg = {
    call_id: callId,
    time_start: new Date(startedAt).toISOString().slice(0, 19).replace('T', ' '),
    call_from: number,
    call_to: '101',
    call_duration: 30,
    talk_duration: 25,
    status: 'ANSWERED',
    type: 'Inbound',
    ...said,
  };
  const body = JSON.stringify({ type: 30012, msg: JSON.stringify(leg) });
  const { status, errcode } = await push(portal.server, body, { source, signature: null });
  assert.deepEqual([status, errcode], [200, 0]);
  return callId;
}

const linesOf = (number: string) => portal.result<readonly Row[]>(STATISTIC, { FILTER: { PHONE_NUMBER: number } });

for (const [order, before] of [
  ['before the application finishes it', true],
  ['after the application finished it', false],
] as const) {
  test(`B24 10 a call that the PBX tells ${order} - one call, one line, as the application said`, async () => {
    const number = freshNumber();
    const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: number });
    if (before) await pbxTells(number, {});
    const finished = await portal.finish(id, { DURATION: 24, COST: '0.50', COST_CURRENCY: 'USD', VOTE: 4 });
    if (!before) await pbxTells(number, {});
    const calls = await portal.v1.list(`number=${encodeURIComponent(number)}`);
    assert.equal(calls.length, 1);
    const [call] = calls;
    // The PBX measured the talk; cost and vote only the application knows.
    assert.deepEqual([call!.talkSeconds, call!.cost, call!.vote, call!.outcome], [25, '0.5', 4, 'answered']);
    const lines = await linesOf(number);
    assert.equal(lines.length, 1);
    const { CALL_ID: token, ID: rowId, CALL_DURATION: duration, COST: cost } = lines[0]!;
    assert.deepEqual([token, rowId, duration, cost], [id, String(finished['ID']), '24', '0.5000']);
  });
}

test('B24 11.2 a finish that leaves the code to the duration - answered so, and listed as the PBX knows it', async () => {
  const number = freshNumber();
  const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: number });
  await pbxTells(number, { status: 'BUSY', talk_duration: 0 });
  const finished = await portal.finish(id, { DURATION: 0 });
  assert.deepEqual([finished['CALL_FAILED_CODE'], finished['CALL_STATUS']], ['304', 0]);
  const [line] = await linesOf(number);
  assert.equal(line!['CALL_FAILED_CODE'], '486');
});

test('B24 11.2 a message in a mailbox that an app finishes as missed - has no ring', async () => {
  const number = freshNumber();
  const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: number });
  await pbxTells(number, { status: 'VOICEMAIL', call_duration: 11, talk_duration: 11 });
  await portal.finish(id, { DURATION: 11, STATUS_CODE: '304' });
  const [call, ...others] = await portal.v1.list(`number=${encodeURIComponent(number)}`);
  assert.equal(others.length, 0);
  assert.deepEqual(
    [call!.outcome, call!.durationSeconds, call!.talkSeconds, call!.ringSeconds],
    ['voicemail', 11, 11, null],
  );
});

test('B24 14 a call that only the PBX told of - a line of its own', async () => {
  const number = freshNumber();
  const name = await pbxTells(number, { status: 'NO ANSWER', talk_duration: 0 });
  const lines = await linesOf(number);
  assert.equal(lines.length, 1);
  const { CALL_TYPE: type, CALL_FAILED_CODE: code, EXTERNAL_CALL_ID: external, PORTAL_USER_ID: user } = lines[0]!;
  assert.deepEqual([type, code, external, user], ['2', '304', name, '1']);
});

test('B24 14 a call that the PBX told of and nobody finished - the line of the call, until the registration is finished', async () => {
  const number = freshNumber();
  const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: number });
  await pbxTells(number, {});
  const before = await linesOf(number);
  assert.equal(before.length, 1);
  assert.notEqual(before[0]!['CALL_ID'], id);
  await portal.finish(id, { DURATION: 25 });
  const after = await linesOf(number);
  assert.deepEqual(
    after.map(each => each['CALL_ID']),
    [id],
  );
});

test('B24 14 a call dialled with the prefix that leads outside - found as it was dialled, and by its number', async () => {
  const said = { call_from: '101', call_to: '002079460187', type: 'Outbound' };
  const name = await pbxTells('', said, Date.now(), DIALLING.key);
  for (const number of ['002079460187', '+442079460187', '+44 20 7946 0187']) {
    assert.deepEqual(
      (await linesOf(number)).map(each => each['EXTERNAL_CALL_ID']),
      [name],
      number,
    );
  }
});

for (const before of [true, false]) {
  test(`B24 14 a local number dialled with the prefix, told ${before ? 'before' : 'after'} an app registers it whole - one call and one line`, async () => {
    const local = before ? '23125010' : '23125011';
    const dialled = `0${local}`;
    const number = `+4930${local}`;
    const pbx = () => pbxTells('', { call_from: '101', call_to: dialled, type: 'Outbound' }, Date.now(), BERLIN.key);
    let name = before ? await pbx() : '';
    const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: number, TYPE: 1 });
    await portal.finish(id, { DURATION: 25 });
    if (!before) name = await pbx();
    const calls = await portal.v1.list(`externalId=${encodeURIComponent(id)}`);
    assert.deepEqual(
      calls.map(({ externalId, userId, talkSeconds }) => [externalId, userId, talkSeconds]),
      [[name, 1, 25]],
    );
    const lines = await linesOf(number);
    assert.deepEqual(
      lines.map(each => [each['CALL_ID'], each['CALL_TYPE'], each['CALL_FAILED_CODE']]),
      [[id, '1', '200']],
    );
    for (const text of [number, dialled]) {
      const found = await portal.v1.list(`number=${encodeURIComponent(text)}`);
      assert.deepEqual(
        found.map(each => each.externalId),
        [name],
        text,
      );
    }
  });
}

test('B24 14 a local number dialled with the prefix - is not the call of another number that its digits could be', async () => {
  const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: '+4923125012', TYPE: 1 });
  await portal.finish(id, { DURATION: 25 });
  const said = { call_from: '101', call_to: '023125012', type: 'Outbound' };
  const name = await pbxTells('', said, Date.now(), BERLIN.key);
  for (const externalId of [id, name]) {
    const calls = await portal.v1.list(`externalId=${encodeURIComponent(externalId)}`);
    assert.deepEqual(
      calls.map(each => each.externalId),
      [externalId],
    );
  }
});

/** A call to queue 6400 of `QUEUED` in which both telephones rang and user 1 picked up. */
async function ringAll(number: string, callId: string, time: string): Promise<void> {
  const queued = { call_from: number, call_id: callId, time_start: time, agent_ring_time: 5 };
  await pbxTells(number, { ...queued, call_to: '6400' }, Date.now(), QUEUED.key);
  await pbxTells(number, { ...queued, call_to: '101' }, Date.now(), QUEUED.key);
  const rang = { ...queued, call_to: '102', status: 'NO ANSWER', call_duration: 5, talk_duration: 0 };
  await pbxTells(number, rang, Date.now(), QUEUED.key);
}

test('B24 14 two apps register a call that rings both telephones - each line has what became of its own user', async () => {
  const number = freshNumber();
  const now = Date.now();
  const [one, two] = [
    await portal.register({ PHONE_NUMBER: number }),
    await portal.register({ PHONE_NUMBER: number, USER_ID: 2 }),
  ];
  await portal.finish(one.CALL_ID, { DURATION: 25 });
  await portal.finish(two.CALL_ID, { USER_ID: 2, DURATION: 0 });
  const codes = async () =>
    Object.fromEntries((await linesOf(number)).map(each => [each['PORTAL_USER_ID'], each['CALL_FAILED_CODE']]));
  assert.deepEqual(await codes(), { 1: '200', 2: '304' });
  await ringAll(number, `${Math.floor(now / 1000)}.9001`, new Date(now).toISOString().slice(0, 19).replace('T', ' '));
  assert.equal((await portal.v1.list(`number=${encodeURIComponent(number)}`)).length, 1);
  assert.deepEqual(await codes(), { 1: '200', 2: '304' });
});

test('B24 14 an app that finishes without a duration - the PBX says whose talk it was, and whose telephone only rang', async () => {
  const number = freshNumber();
  const now = Date.now();
  const [one, two] = [
    await portal.register({ PHONE_NUMBER: number }),
    await portal.register({ PHONE_NUMBER: number, USER_ID: 2 }),
  ];
  await ringAll(number, `${Math.floor(now / 1000)}.9002`, new Date(now).toISOString().slice(0, 19).replace('T', ' '));
  await portal.finish(one.CALL_ID, { DURATION: 0 });
  await portal.finish(two.CALL_ID, { USER_ID: 2, DURATION: 0 });
  const codes = (await linesOf(number)).map(each => [each['PORTAL_USER_ID'], each['CALL_FAILED_CODE']]);
  assert.deepEqual(codes.sort(), [
    ['1', '200'],
    ['2', '304'],
  ]);
});

test('B24 14 a call that was handed on and nobody registered - its line has the talk of its own user', async () => {
  const number = freshNumber();
  const startedAt = Date.now() - 60_000;
  const time = (second: number) => new Date(startedAt + second * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const callId = `${Math.floor(startedAt / 1000)}.9003`;
  const first = { call_id: callId, time_start: time(0), call_duration: 25, talk_duration: 20 };
  await pbxTells(number, first);
  const second = { call_id: callId, time_start: time(25), call_to: '102', call_duration: 12, talk_duration: 9 };
  await pbxTells(number, second);
  const [call] = await portal.v1.list(`number=${encodeURIComponent(number)}`);
  assert.deepEqual([call!.userId, call!.talkSeconds], [2, 29]);
  const [line] = await linesOf(number);
  assert.deepEqual([line!['PORTAL_USER_ID'], line!['CALL_DURATION'], line!['CALL_FAILED_CODE']], ['2', '9', '200']);
});

const MENU = { call_to: '6200', call_duration: 10, talk_duration: 10 };
const QUEUE = { call_to: '6400', status: 'NO ANSWER', call_duration: 40, talk_duration: 0 };
const ANSWERED = { DURATION: 25 };
const COLLEAGUES = { call_from: '1001', call_to: '1002', type: 'Internal' };

/** Calls of which no leg is of the agent's with the number. */
const NAMED: readonly (readonly [
  what: string,
  legs: readonly object[],
  registered: object,
  finish: object,
  talk: number,
])[] = [
  ['a menu and a queue that the caller left', [MENU, QUEUE], {}, { DURATION: 0 }, 0],
  ['a phone that nobody holds', [{ call_to: '4010' }], {}, ANSWERED, 25],
  ['one colleague and another', [COLLEAGUES], { PHONE_NUMBER: '1002', TYPE: 1 }, ANSWERED, 25],
];

for (const [what, stages, registered, finish, talk] of NAMED) {
  for (const before of [true, false]) {
    test(`B24 11.1 a call named by the PBX’s id, of ${what}, which the PBX tells ${before ? 'before' : 'after'} - one call`, async () => {
      const number = freshNumber();
      const startedAt = Date.now() - 60_000;
      const call_id = `${Math.floor(startedAt / 1000)}.${++legs}`;
      const pbx = async () => {
        for (const each of stages) await pbxTells(number, { call_id, ...each }, startedAt, DEFAULT.key);
      };
      if (before) await pbx();
      const { CALL_ID: id } = await portal.register({
        USER_ID: 4,
        PHONE_NUMBER: number,
        CALL_START_DATE: new Date(startedAt).toISOString(),
        EXTERNAL_CALL_ID: call_id,
        ...registered,
      });
      await portal.finish(id, { USER_ID: 4, ...finish });
      if (!before) await pbx();
      const from = new Date(startedAt - 1_000).toISOString();
      const found = (await portal.v1.list(`startedFrom=${encodeURIComponent(from)}`)).filter(({ externalId }) =>
        [id, call_id].includes(externalId ?? ''),
      );
      assert.deepEqual(
        found.map(({ externalId, talkSeconds }) => [externalId, talkSeconds ?? 0]),
        [[call_id, talk]],
      );
      const byName = await portal.v1.list(`externalId=${encodeURIComponent(id)}`);
      assert.deepEqual(
        byName.map(each => each.id),
        found.map(each => each.id),
      );
    });
  }
}

test('B24 11.1 a short number that left by a trunk - paired by its number, as any outside', async () => {
  const { CALL_ID: id } = await portal.register({ USER_ID: 4, PHONE_NUMBER: '3639', TYPE: 1 });
  await portal.finish(id, { USER_ID: 4, ...ANSWERED });
  const said = { call_from: '1001', call_to: '3639', type: 'Outbound', dst_trunk_name: 'SIP' };
  const name = await pbxTells('', said, Date.now(), DEFAULT.key);
  const [byApp] = await portal.v1.list(`externalId=${encodeURIComponent(id)}`);
  assert.deepEqual([byApp?.externalId, byApp?.talkSeconds], [name, 25]);
});

interface Stage {
  readonly at: number;
  readonly from?: string;
  readonly to?: string;
  readonly status?: string;
  readonly type?: string;
  /** Seconds. */
  readonly ring?: number;
  readonly talk?: number;
}

/** Calls of which no leg alone says whom outside the agent is with; where none is said, a stage is from or to the customer. */
const TOLD_TOGETHER: readonly (readonly [
  what: string,
  stages: readonly Stage[],
  apps: readonly (readonly [user: number, at: number, type: number, seconds: number])[],
])[] = [
  [
    'a queue’s call-back',
    [
      { at: 0, from: '6400', to: '1001', type: 'Outbound', ring: 5, talk: 60 },
      { at: 5, from: '6400', type: 'Outbound', talk: 60 },
    ],
    [[4, 0, 4, 60]],
  ],
  [
    'one picked up by a code',
    [
      { at: 0, to: '1001', status: 'NO ANSWER', ring: 8 },
      { at: 8, from: '1002', to: '*041001', type: 'Internal', talk: 60 },
    ],
    [[5, 8, 2, 60]],
  ],
  [
    'one taken from a parking slot',
    [
      { at: 0, to: '1001', ring: 6, talk: 30 },
      { at: 36, to: '6001', talk: 40 },
      { at: 76, from: '1002', to: '6001', type: 'Internal', talk: 50 },
    ],
    [
      [4, 0, 2, 36],
      [5, 76, 2, 50],
    ],
  ],
  [
    'one that went out and was handed on',
    [
      { at: 0, from: '1001', type: 'Outbound', ring: 9, talk: 91 },
      { at: 100, from: '1001', to: '1002', type: 'Internal', ring: 4, talk: 60 },
    ],
    [
      [4, 0, 1, 91],
      [5, 100, 1, 60],
    ],
  ],
];

for (const [what, stages, apps] of TOLD_TOGETHER) {
  for (const before of [true, false]) {
    for (const lastFirst of [false, true]) {
      const when = `${before ? 'before' : 'after'}${lastFirst ? ', its last leg first' : ''}`;
      test(`B24 14 ${what}, which the PBX tells ${when} - one call, and a line for each who registered it`, async () => {
        const number = freshNumber();
        const startedAt = Math.floor(Date.now() / 1000) * 1000 - 180_000;
        const call_id = `${startedAt / 1000}.${++legs}`;
        const pbx = async () => {
          for (const stage of lastFirst ? stages.toReversed() : stages) {
            const { at, from = number, to = number, status = 'ANSWERED', type = 'Inbound', ring = 0, talk = 0 } = stage;
            const said = { call_id, call_from: from, call_to: to, status, type, ring_duration: ring };
            const lasted = { call_duration: ring + talk, talk_duration: talk };
            await pbxTells(number, { ...said, ...lasted }, startedAt + at * 1000, DEFAULT.key);
          }
        };
        if (before) await pbx();
        for (const [user, at, type, seconds] of apps) {
          const { CALL_ID: id } = await portal.register({
            USER_ID: user,
            TYPE: type,
            PHONE_NUMBER: number,
            CALL_START_DATE: new Date(startedAt + at * 1000).toISOString(),
          });
          await portal.finish(id, { USER_ID: user, DURATION: seconds });
        }
        if (!before) await pbx();
        const calls = await portal.v1.list(`number=${encodeURIComponent(number)}`);
        assert.deepEqual(
          calls.map(each => [each.externalId, each.userId]),
          [[call_id, apps.at(-1)![0]]],
        );
        const lines = (await linesOf(number)).map(each => [each['PORTAL_USER_ID'], each['CALL_FAILED_CODE']]);
        assert.deepEqual(
          lines.toSorted(),
          apps.map(([user]) => [String(user), '200']),
        );
      });
    }
  }
}

test('B24 14 answered on a mobile that a queue rang beside a telephone - is the call of the user whose app says so', async () => {
  const number = freshNumber();
  const now = Math.floor(Date.now() / 1000) * 1000;
  const at = (second: number) => new Date(now + second * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const said = { call_id: `${now / 1000}.9009`, call_from: number };
  const { CALL_ID: id } = await portal.register({
    PHONE_NUMBER: number,
    USER_ID: 2,
    EXTERNAL_CALL_ID: said.call_id,
  });
  const legs = [
    { call_to: '6400', time_start: at(0), call_duration: 80, talk_duration: 50 },
    { call_to: '101', time_start: at(2), status: 'NO ANSWER', call_duration: 15, talk_duration: 0 },
    { call_to: '+447700900123', time_start: at(20), call_duration: 60, talk_duration: 50, dst_trunk_name: 'main' },
  ];
  for (const leg of legs) await pbxTells(number, { ...said, ...leg }, now, QUEUED.key);
  await portal.finish(id, { USER_ID: 2, DURATION: 50 });
  const calls = await portal.v1.list(`number=${encodeURIComponent(number)}`);
  assert.deepEqual(
    calls.map(each => [each.userId, each.participants.map(part => [part.userId, part.role, part.talkSeconds])]),
    [
      [
        2,
        [
          [1, 'rang', 0],
          [2, 'answered', 50],
        ],
      ],
    ],
  );
  const [line] = await linesOf(number);
  assert.deepEqual([line!['PORTAL_USER_ID'], line!['CALL_FAILED_CODE']], ['2', '200']);
});

/** A mobile's talk, which no leg names anybody for: stages as above, by whom an app finishes, and what each row has. */
const ON_MOBILES: readonly (readonly [
  what: string,
  stages: readonly Stage[],
  apps: readonly (readonly [user: number, at: number, type: number, seconds: number])[],
  parts: readonly (readonly [user: number, role: string, talk: number])[],
  row: readonly [user: string, code: string, seconds: string],
])[] = [
  [
    'a queue that rang it beside the telephone of who says so',
    [
      { at: 0, to: '6400', ring: 12, talk: 60 },
      { at: 0, to: '1001', status: 'NO ANSWER', ring: 12 },
      { at: 0, to: '1002', status: 'NO ANSWER', ring: 12 },
      { at: 0, to: '+447700900123', ring: 12, talk: 60 },
    ],
    [[4, 0, 2, 60]],
    [
      [4, 'answered', 60],
      [5, 'rang', 0],
    ],
    ['4', '200', '60'],
  ],
  [
    'a telephone that sent the call on, which nobody registered',
    [
      { at: 0, to: '1001', status: 'NO ANSWER', ring: 15 },
      { at: 15, to: '+447700900123', ring: 10, talk: 60 },
    ],
    [],
    [[4, 'forwarded', 0]],
    ['4', '200', '60'],
  ],
  [
    'a telephone that sent the call on, as its holder’s app says without a duration',
    [
      { at: 0, to: '1001', status: 'NO ANSWER', ring: 15 },
      { at: 15, to: '+447700900123', ring: 10, talk: 60 },
    ],
    [[4, 0, 2, 0]],
    [[4, 'forwarded', 0]],
    ['4', '200', '0'],
  ],
];

for (const [what, stages, apps, parts, row] of ON_MOBILES) {
  test(`B24 14 answered on a mobile, of ${what} - is that one’s call, and listed as answered`, async () => {
    const number = freshNumber();
    const startedAt = Math.floor(Date.now() / 1000) * 1000 - 180_000;
    const call_id = `${startedAt / 1000}.${++legs}`;
    for (const { at, to, status = 'ANSWERED', ring = 0, talk = 0 } of stages) {
      const lasted = { call_duration: ring + talk, talk_duration: talk, ring_duration: ring };
      const trunk = to === '+447700900123' ? { dst_trunk_name: 'main' } : {};
      const said = { call_id, call_to: to, status, agent_ring_time: to === '6400' ? ring : 0, ...lasted, ...trunk };
      await pbxTells(number, said, startedAt + at * 1000, DEFAULT.key);
    }
    for (const [user, at, type, seconds] of apps) {
      const { CALL_ID: id } = await portal.register({
        USER_ID: user,
        TYPE: type,
        PHONE_NUMBER: number,
        CALL_START_DATE: new Date(startedAt + at * 1000).toISOString(),
      });
      await portal.finish(id, { USER_ID: user, DURATION: seconds });
    }
    const calls = await portal.v1.list(`number=${encodeURIComponent(number)}`);
    assert.deepEqual(
      calls.map(each => [each.userId, each.talkSeconds, each.participants.map(p => [p.userId, p.role, p.talkSeconds])]),
      [[4, 60, parts]],
    );
    const lines = await linesOf(number);
    assert.deepEqual(
      lines.map(each => [each['PORTAL_USER_ID'], each['CALL_FAILED_CODE'], each['CALL_DURATION']]),
      [row],
    );
  });
}
