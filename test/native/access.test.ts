import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic, bearer, createV1Client, type V1Client } from '../kit/v1Client.ts';
import type { CallView, ProblemView } from '../kit/v1Views.ts';
import { ANNA, BERT, CARLA, openHouse, ROLES, type Role, statedCall, TOKENS } from './house.ts';
import { pbxTells } from './telephony.ts';

const { server, v1 } = await openHouse();

const known = await v1.post<CallView>('/v1/calls', statedCall({ userId: ANNA.id }), 201);
await v1.ask('POST', `/v1/calls/${known.id}/corrections`, { body: { fields: { vote: 3 } } });

/** Every route with what it answers to those who may; the others get 403. */
const ROUTES: readonly {
  readonly name: string;
  readonly may: readonly Role[];
  ask(client: V1Client): Promise<{ readonly status: number }>;
}[] = [
  {
    name: 'POST /v1/calls',
    may: ['administrator', 'reporter'],
    ask: client => client.ask('POST', '/v1/calls', { body: statedCall() }),
  },
  {
    name: 'GET /v1/calls',
    may: ['administrator', 'supervisor', 'agent'],
    ask: client => client.ask('GET', '/v1/calls'),
  },
  {
    name: 'GET /v1/calls/{id}',
    may: ['administrator', 'supervisor'],
    ask: client => client.ask('GET', `/v1/calls/${known.id}`),
  },
  {
    name: 'POST /v1/calls/{id}/corrections',
    may: ['administrator', 'supervisor'],
    ask: client => client.ask('POST', `/v1/calls/${known.id}/corrections`, { body: { fields: { vote: 4 } } }),
  },
  {
    name: 'DELETE /v1/calls/{id}/corrections/{n}',
    may: ['administrator', 'supervisor'],
    ask: client => client.ask('DELETE', `/v1/calls/${known.id}/corrections/1`),
  },
  {
    name: 'GET /v1/statistics/summary',
    may: ['administrator', 'supervisor', 'agent'],
    ask: client => client.ask('GET', '/v1/statistics/summary'),
  },
  {
    name: 'GET /v1/statistics/queues',
    may: ['administrator', 'supervisor', 'agent'],
    ask: client => client.ask('GET', '/v1/statistics/queues'),
  },
  {
    name: 'GET /v1/quarantine',
    may: ['administrator'],
    ask: client => client.ask('GET', '/v1/quarantine'),
  },
  {
    name: 'POST /v1/quarantine/{id}/replay',
    may: ['administrator'],
    ask: client => client.ask('POST', '/v1/quarantine/1/replay'),
  },
  {
    name: 'GET /v1/nodes',
    may: ['administrator'],
    ask: client => client.ask('GET', '/v1/nodes'),
  },
];

/** Whose answer says that the door was open: done, or no such thing in quarantine. */
const LET_IN = [200, 201, 404];

for (const { name, may, ask } of ROUTES) {
  for (const role of ROLES) {
    test(`${name} as ${role} - ${may.includes(role) ? 'let in' : 'refused'}`, async () => {
      const { status } = await ask(createV1Client(server, bearer(TOKENS[role])));
      // A token is nobody's, so a call of somebody is none of an agent's token.
      const refused = role === 'agent' && name === 'GET /v1/calls/{id}' ? [404] : [403];
      assert.ok((may.includes(role) ? LET_IN : refused).includes(status), `${status}`);
    });
  }

  test(`${name} as nobody - 401 that says how to ask`, async () => {
    for (const authorization of [
      null,
      '',
      'Bearer',
      bearer('unknown-token-0123456789'),
      'Bearer campaign-token-0123456789x',
      'Token campaign-token-0123456789',
      basic(`stranger of ${name}`, 'wrong'),
      'Basic !!!',
      'Basic',
    ]) {
      const { status } = await ask(createV1Client(server, authorization));
      assert.equal(status, 401, String(authorization));
    }
  });
}

test('GET /v1/events - for those who may read all that happens', async () => {
  for (const [role, status] of [
    ['supervisor', 200],
    ['agent', 403],
    ['reporter', 403],
  ] as const) {
    const leave = new AbortController();
    const answer = await fetch(`${server.url}/v1/events`, {
      headers: { authorization: bearer(TOKENS[role]) },
      signal: leave.signal,
    });
    assert.equal(answer.status, status, role);
    leave.abort();
  }
  assert.equal((await fetch(`${server.url}/v1/events`)).status, 401);
});

test('a refusal - a problem that names who lacks what, no stack, no secret', async () => {
  const { status, body, headers } = await createV1Client(server, bearer(TOKENS.reporter)).ask<ProblemView>(
    'GET',
    '/v1/calls',
  );
  assert.equal(status, 403);
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.ok(body.detail.includes('reporter') && body.detail.includes('calls.read'));
  const nobody = await createV1Client(server, null).ask<ProblemView>('GET', '/v1/calls');
  assert.match(nobody.headers.get('www-authenticate') ?? '', /Bearer.*Basic/);
});

test('a path that does not exist - 401 for nobody, 404 for somebody', async () => {
  assert.equal((await createV1Client(server, null).ask('GET', '/v1/nothing')).status, 401);
  assert.equal((await v1.ask('GET', '/v1/nothing')).status, 404);
});

test('a login - lets in with the right password only, whatever the case of the scheme', async () => {
  const anna = createV1Client(server, basic(ANNA.login, ANNA.password));
  assert.equal((await anna.ask('GET', '/v1/calls')).status, 200);
  for (const authorization of [
    basic(ANNA.login, BERT.password),
    basic('nobody', ANNA.password),
    basic(ANNA.login, ''),
    basic(ANNA.login, `${ANNA.password} `),
  ]) {
    assert.equal((await createV1Client(server, authorization).ask('GET', '/v1/calls')).status, 401);
  }
  const shouting = basic(ANNA.login, ANNA.password).replace('Basic', 'BASIC');
  assert.equal((await createV1Client(server, shouting).ask('GET', '/v1/calls')).status, 200);
});

test('an agent - sees the own calls in lists and one by one, nobody else’s, and corrects none', async () => {
  const bert = createV1Client(server, basic(BERT.login, BERT.password));
  const own = await v1.post<CallView>('/v1/calls', statedCall({ extension: BERT.extension }), 201);
  const other = await v1.post<CallView>('/v1/calls', statedCall({ extension: ANNA.extension }), 201);
  const nobodys = await v1.post<CallView>('/v1/calls', statedCall(), 201);
  assert.deepEqual(
    (await bert.list()).map(each => each.id),
    [own.id],
  );
  assert.deepEqual(
    (await bert.list(`user=${BERT.id}`)).map(each => each.id),
    [own.id],
  );
  assert.deepEqual(await bert.list(`user=${ANNA.id}`), []);
  assert.deepEqual(await bert.list(`externalId=${other.externalId}`), []);
  assert.equal((await bert.call(own.id)).userId, BERT.id);
  for (const { id } of [other, nobodys]) assert.equal((await bert.ask('GET', `/v1/calls/${id}`)).status, 404);
  assert.equal(
    (await bert.ask('POST', `/v1/calls/${own.id}/corrections`, { body: { fields: { vote: 5 } } })).status,
    403,
  );
});

test('a call that changed hands - is that of both, and not of whom it only rang for', async () => {
  const number = '+442079460177';
  const [anna, bert] = [ANNA, BERT].map(each => createV1Client(server, basic(each.login, each.password)));
  const startedAt = Date.parse('2026-03-03T09:00:00Z');
  const callId = await pbxTells(server, { number, startedAt, durationSeconds: 66, talkSeconds: 60 });
  const taken = { number, callId, extension: BERT.extension, startedAt: startedAt + 66_000 };
  await pbxTells(server, { ...taken, durationSeconds: 20 });
  const { id } = await v1.callOf(callId, 'hq');
  const opens = async (client: V1Client) => {
    const { status } = await client.ask('GET', `/v1/calls/${id}`);
    return [status, (await client.list()).some(each => each.id === id)];
  };
  assert.deepEqual(await opens(anna!), [200, true]);
  assert.deepEqual(await opens(bert!), [404, false], 'it rang for Bert, and Anna had answered');
  await pbxTells(server, { ...taken, startedAt: startedAt + 90_000, durationSeconds: 45, talkSeconds: 40 });
  assert.deepEqual(await opens(anna!), [200, true], 'though Bert had it in the end');
  assert.deepEqual(await opens(bert!), [200, true]);
  const { userId, participants } = await anna!.call(id);
  assert.equal(userId, BERT.id);
  assert.deepEqual(participants, [
    { userId: ANNA.id, role: 'transferred', ringSeconds: 6, talkSeconds: 60 },
    { userId: BERT.id, role: 'answered', ringSeconds: 25, talkSeconds: 40 },
  ]);
  const [listed] = (await v1.list(`number=${encodeURIComponent(number)}`)).filter(each => each.id === id);
  assert.deepEqual(listed!.participants, participants);
});

test('a call that nobody answered - is open to whom it rang for', async () => {
  const number = '+442079460178';
  const callId = await pbxTells(server, { number, extension: BERT.extension, durationSeconds: 20 });
  const { id } = await v1.callOf(callId, 'hq');
  const bert = createV1Client(server, basic(BERT.login, BERT.password));
  assert.equal((await bert.call(id)).outcome, 'missed');
  assert.ok((await bert.list()).some(each => each.id === id));
  const anna = createV1Client(server, basic(ANNA.login, ANNA.password));
  assert.equal((await anna.ask('GET', `/v1/calls/${id}`)).status, 404);
});

test('a call without a user - is not that of a token, which has none either', async () => {
  const nobodys = await v1.post<CallView>('/v1/calls', statedCall(), 201);
  assert.equal(nobodys.userId, null);
  const agent = createV1Client(server, bearer(TOKENS.agent));
  assert.equal((await agent.ask('GET', `/v1/calls/${nobodys.id}`)).status, 404);
});

test('an agent without a call - sees none, not all', async () => {
  const agent = createV1Client(server, bearer(TOKENS.agent));
  assert.deepEqual(await agent.list(), []);
});

test('a supervisor - sees and corrects everybody’s, and is named as the author', async () => {
  const carla = createV1Client(server, basic(CARLA.login, CARLA.password));
  assert.ok((await carla.list()).length >= 3);
  const { status, body } = await carla.ask<{ author: string }>('POST', `/v1/calls/${known.id}/corrections`, {
    body: { fields: { note: 'seen' } },
  });
  assert.deepEqual([status, body.author], [201, CARLA.login]);
});

test('ten wrong passwords - the login is locked for a while, for others it is not', async () => {
  const wrong = createV1Client(server, basic('carla', 'wrong'));
  for (let time = 0; time < 10; time++) assert.equal((await wrong.ask('GET', '/v1/calls')).status, 401);
  const locked = await createV1Client(server, basic(CARLA.login, CARLA.password)).ask<ProblemView>('GET', '/v1/calls');
  assert.equal(locked.status, 429);
  assert.ok(Number(locked.headers.get('retry-after')) > 60);
  assert.equal((await createV1Client(server, basic(BERT.login, BERT.password)).ask('GET', '/v1/calls')).status, 200);
});

test('passwords and tokens - in no log', () => {
  for (const secret of [...Object.values(TOKENS), ANNA.password, BERT.password, CARLA.password]) {
    assert.ok(!server.output.includes(secret));
  }
});
