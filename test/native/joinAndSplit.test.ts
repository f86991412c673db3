import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEvents, type ServerEvent } from '../kit/eventStream.ts';
import { createScratch } from '../kit/scratch.ts';
import { startServer } from '../kit/server.ts';
import { basic, bearer, createV1Client } from '../kit/v1Client.ts';
import type { CallDetail, CallView, ProblemView, SummaryView } from '../kit/v1Views.ts';
import { ANNA, BERT, openHouse, ROLES, type Role, statedCall, TOKENS } from './house.ts';
import { plain, recount, walkFigures } from './recount.ts';
import { applicationOf, freshNumber, pbxTells, TELEPHONY } from './telephony.ts';

const { server, v1 } = await openHouse({ config: TELEPHONY });
const application = applicationOf(server);

const report = (changes: Record<string, unknown> = {}): Promise<CallView> =>
  v1.post('/v1/calls', statedCall(changes), 201);
const joinWith = async (id: number, withId: number): Promise<number> =>
  (await v1.post<{ readonly id: number }>(`/v1/calls/${id}/join`, { with: withId }, 200)).id;
const split = async (id: number, body: object = {}): Promise<number> =>
  (await v1.post<{ readonly id: number }>(`/v1/calls/${id}/split`, body, 200)).id;

/** What differs from one look to the next though nothing happened. */
const bare = ({ settledAt: _settledAt, reports: _reports, journal: _journal, ...call }: CallDetail) => call;

async function assertCounted(): Promise<void> {
  const told = await v1.get<SummaryView>('/v1/statistics/summary');
  assert.deepEqual(plain(told), recount(await v1.list(), { by: ['day'], timeZone: 'Europe/Berlin' }));
  await walkFigures(v1, '/v1/statistics/summary?by=user');
}
const countedCalls = async (): Promise<number> => (await v1.get<SummaryView>('/v1/statistics/summary')).totals.calls;

test('two calls joined - are one under both ids, in the list, in the statistics and in the events', async () => {
  await using events = await openEvents(server);
  const one = await report({ startedAt: '2026-03-02T10:00:00Z', cost: '0.10', currency: 'EUR', userId: ANNA.id });
  const other = await report({ startedAt: '2026-03-02T10:01:00Z', cost: '0.05', currency: 'EUR', note: 'later' });
  const counted = await countedCalls();
  const answer = await v1.ask('POST', `/v1/calls/${other.id}/join`, { body: { with: one.id, reason: 'one customer' } });
  assert.deepEqual([answer.status, answer.body], [200, { id: one.id }]);

  const call = await v1.call(one.id);
  assert.deepEqual([call.id, call.aliases], [one.id, [other.id]]);
  assert.deepEqual(
    [call.startedAt, call.durationSeconds, call.talkSeconds, call.cost, call.note],
    ['2026-03-02T10:00:00Z', 100, 60, '0.15', 'later'],
  );
  assert.deepEqual(await v1.call(other.id), call, 'the other id leads there');
  assert.deepEqual(
    call.reports.map(each => [each.kind, each.sourceCallId]),
    [
      ['native.call', one.id],
      ['native.call', other.id],
      ['native.joined', other.id],
    ],
  );
  const { at: _at, ...decision } = call.reports[2]!.matchDecision!;
  assert.deepEqual(decision, { verdict: 'joined', callIds: [one.id], author: 'ops', reason: 'one customer' });

  const listed = (await v1.list()).filter(each => each.id === one.id || each.id === other.id);
  assert.deepEqual(
    listed.map(each => [each.id, each.aliases]),
    [[one.id, [other.id]]],
  );
  assert.equal(await countedCalls(), counted - 1);
  await assertCounted();

  const joined = await events.first('the join', each => each.kind === 'call.joined');
  const { callIds } = joined.data as ServerEvent['data'] & { readonly callIds: readonly number[] };
  assert.deepEqual([joined.data.callId, callIds], [one.id, [other.id]]);
  await events.first('what became of it', each => each.kind === 'call.amended' && each.data.callId === one.id);
});

test('a call of two sources - is found by what each of them calls it, under its own name', async () => {
  const number = freshNumber();
  const token = await application.register(number);
  const pbxId = await pbxTells(server, { number, durationSeconds: 3, talkSeconds: 2 });
  const { id, source } = await v1.callOf(pbxId, 'hq');
  assert.equal(source, 'hq');
  assert.equal((await v1.callOf(token, 'bitrix24')).id, id);
  assert.equal((await v1.callOf(token, 'hq')).id, id, 'it is a call of the PBX as well');
  assert.deepEqual(await v1.list(`externalId=${pbxId}&source=native`), []);
});

test('a call split again - is two as before, each under its own id', async () => {
  await using events = await openEvents(server);
  const one = await report({ userId: ANNA.id });
  const other = await report({ userId: BERT.id });
  const before = [bare(await v1.call(one.id)), bare(await v1.call(other.id))];
  const counted = await countedCalls();
  await joinWith(one.id, other.id);
  assert.equal(await split(one.id, { reason: 'two customers' }), other.id);
  assert.deepEqual([bare(await v1.call(one.id)), bare(await v1.call(other.id))], before);
  assert.equal(await countedCalls(), counted);
  await assertCounted();
  const kept = await v1.call(one.id);
  assert.deepEqual(
    kept.reports.map(each => each.matchDecision?.verdict),
    [undefined, 'joined', 'separated'],
  );
  assert.equal((await v1.call(other.id)).reports.length, 1, 'what was said is with the call that stayed');
  await events.first('the split', each => each.kind === 'call.split' && each.data.callId === other.id);
  await events.first('its settling', each => each.kind === 'call.settled' && each.data.callId === other.id);
});

test('a call of three - is split by saying which', async () => {
  const ids = [(await report()).id, (await report()).id, (await report()).id] as const;
  await joinWith(ids[0], ids[1]);
  await joinWith(ids[1], ids[2]);
  assert.deepEqual((await v1.call(ids[2])).aliases, [ids[1], ids[2]]);
  const { status, body } = await v1.ask<ProblemView>('POST', `/v1/calls/${ids[0]}/split`, { body: {} });
  assert.deepEqual([status, body.errors?.map(each => each.field)], [400, ['calls']]);
  assert.ok(body.detail.includes(ids.join(', ')), body.detail);
  assert.equal(await split(ids[2], { calls: [ids[0], ids[1]] }), ids[0]);
  assert.deepEqual((await v1.call(ids[1])).id, ids[0]);
  assert.deepEqual((await v1.call(ids[2])).aliases, []);
  await assertCounted();
});

test('a call that the PBX and an application told - joined by itself, split and joined again by a person', async () => {
  const number = freshNumber();
  const token = await application.register(number);
  const registered = await v1.callOf(token, 'bitrix24');
  assert.equal(registered.state, 'open');
  const pbxId = await pbxTells(server, { number, durationSeconds: 1, talkSeconds: 1 });
  const joined = await v1.callOf(pbxId, 'hq');
  assert.equal(joined.id, registered.id);
  assert.equal(joined.aliases.length, 1);
  await application.finish(token, { DURATION: 1, COST: '0.2', COST_CURRENCY: 'EUR' });
  assert.equal((await application.lines(number)).length, 1);
  const counted = await countedCalls();

  const [legId] = joined.aliases;
  assert.equal(await split(joined.id), legId);
  const [registration, leg] = [await v1.call(joined.id), await v1.call(legId!)];
  assert.deepEqual([registration.source, registration.externalId, registration.cost], ['bitrix24', token, '0.2']);
  assert.deepEqual([leg.source, leg.externalId, leg.cost, leg.legs.length], ['hq', pbxId, null, 1]);
  assert.equal(await countedCalls(), counted + 1);
  assert.equal((await application.lines(number)).length, 2, 'one for the registration, one for the call that has none');
  await assertCounted();

  // Another stage of the PBX's call belongs to it, and brings nothing together.
  await pbxTells(server, { number, callId: pbxId, extension: BERT.extension, durationSeconds: 1, talkSeconds: 1 });
  assert.equal((await v1.call(legId!)).legs.length, 2);
  assert.equal((await v1.call(legId!)).id, legId);

  assert.equal(await joinWith(legId!, joined.id), joined.id);
  const lines = await application.lines(number);
  assert.deepEqual(
    lines.map(each => each['CALL_ID']),
    [token],
  );
  assert.equal(await countedCalls(), counted);
  await assertCounted();
});

test('corrections of both - are taken back under the id they were said of', async () => {
  const [one, other] = [await report(), await report()];
  await v1.post(`/v1/calls/${one.id}/corrections`, { fields: { note: 'of the one' } }, 201);
  await v1.post(`/v1/calls/${other.id}/corrections`, { fields: { vote: 5 } }, 201);
  await joinWith(one.id, other.id);
  const third = await v1.post<{ n: number }>(`/v1/calls/${other.id}/corrections`, { fields: { line: 'x' } }, 201);
  assert.equal(third.n, 2);
  const joined = await v1.call(one.id);
  assert.deepEqual([joined.note, joined.vote, joined.line], ['of the one', 5, 'x']);
  const without = await v1.ask<CallView>('DELETE', `/v1/calls/${other.id}/corrections/1`);
  assert.deepEqual(
    [without.status, without.body.id, without.body.note, without.body.vote],
    [200, one.id, 'of the one', null],
  );
  await split(one.id);
  assert.equal((await v1.call(one.id)).line, null);
  assert.equal((await v1.call(other.id)).line, 'x', 'it went with the call it was said of');
  const taken = await v1.ask<CallView>('DELETE', `/v1/calls/${other.id}/corrections/2`);
  assert.deepEqual([taken.status, taken.body.line], [200, null]);
});

test('what a person said - holds after a restart', async () => {
  const dataDir = join(createScratch('joined').path, 'data');
  let ids: readonly [number, number, number];
  {
    await using first = await startServer({ config: TELEPHONY, dataDir });
    const client = createV1Client(first);
    const make = async () => (await client.post<CallView>('/v1/calls', statedCall(), 201)).id;
    ids = [await make(), await make(), await make()];
    await client.post(`/v1/calls/${ids[0]}/join`, { with: ids[1] }, 200);
    await client.post(`/v1/calls/${ids[0]}/join`, { with: ids[2] }, 200);
    await client.post(`/v1/calls/${ids[0]}/split`, { calls: [ids[1]] }, 200);
  }
  await using second = await startServer({ config: TELEPHONY, dataDir });
  const client = createV1Client(second);
  assert.deepEqual((await client.call(ids[2])).id, ids[0]);
  assert.deepEqual((await client.call(ids[1])).id, ids[1]);
  assert.equal((await client.list()).length, 2);
});

test('joined by many at once - is one call', async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, async () => (await report()).id));
  const answers = await Promise.all(
    ids
      .slice(1)
      .flatMap((id, n) => [
        v1.ask('POST', `/v1/calls/${id}/join`, { body: { with: ids[n]! } }),
        v1.ask('POST', `/v1/calls/${ids[n]!}/join`, { body: { with: id } }),
      ]),
  );
  assert.equal(answers.filter(each => each.status === 200).length, 7, 'and whoever comes second is told');
  assert.equal(answers.filter(each => each.status === 400).length, 7);
  const calls = await Promise.all(ids.map(id => v1.call(id)));
  assert.deepEqual(new Set(calls.map(each => each.id)), new Set([Math.min(...ids)]));
  await assertCounted();
});

test('what cannot be joined or split - is a problem that names the field, and changes nothing', async () => {
  const [one, other, alone] = [await report(), await report(), await report()];
  await joinWith(one.id, other.id);
  const before = [bare(await v1.call(one.id)), bare(await v1.call(alone.id))];
  const wrong: readonly (readonly [path: string, body: unknown, status: number, field: string | null])[] = [
    [`${one.id}/join`, {}, 400, 'with'],
    [`${one.id}/join`, { with: null }, 400, 'with'],
    [`${one.id}/join`, { with: String(alone.id) }, 400, 'with'],
    [`${one.id}/join`, { with: 0 }, 400, 'with'],
    [`${one.id}/join`, { with: 1.5 }, 400, 'with'],
    [`${one.id}/join`, { with: [alone.id] }, 400, 'with'],
    [`${one.id}/join`, { with: one.id }, 400, 'with'],
    [`${one.id}/join`, { with: other.id }, 400, 'with'],
    [`${other.id}/join`, { with: one.id }, 400, 'with'],
    [`${one.id}/join`, { with: alone.id, colour: 'red' }, 400, 'colour'],
    [`${one.id}/join`, { with: alone.id, reason: 5 }, 400, 'reason'],
    [`${one.id}/join`, { with: alone.id, reason: 'x'.repeat(1_001) }, 400, 'reason'],
    [`${one.id}/join`, [], 400, 'body'],
    [`${one.id}/join`, { with: 999_999 }, 404, null],
    ['999999/join', { with: one.id }, 404, null],
    ['0/join', { with: one.id }, 400, 'id'],
    ['x/join', { with: one.id }, 400, 'id'],
    [`${alone.id}/split`, {}, 400, 'calls'],
    [`${alone.id}/split`, { calls: [alone.id] }, 400, 'calls'],
    [`${one.id}/split`, { calls: [alone.id] }, 400, 'calls'],
    [`${one.id}/split`, { calls: [one.id, other.id] }, 400, 'calls'],
    [`${one.id}/split`, { calls: [] }, 400, 'calls'],
    [`${one.id}/split`, { calls: other.id }, 400, 'calls'],
    [`${one.id}/split`, { calls: ['2'] }, 400, 'calls[0]'],
    [`${one.id}/split`, { calls: [0] }, 400, 'calls[0]'],
    [`${one.id}/split`, { parts: [other.id] }, 400, 'parts'],
    ['999999/split', {}, 404, null],
    ['1.5/split', {}, 400, 'id'],
  ];
  for (const [path, body, status, field] of wrong) {
    const answer = await v1.ask<ProblemView>('POST', `/v1/calls/${path}`, { body });
    const about = `${path} ${JSON.stringify(body)?.slice(0, 60)} → ${JSON.stringify(answer.body)}`;
    assert.equal(answer.status, status, about);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, about);
    assert.equal(answer.body.status, status, about);
    assert.deepEqual(answer.body.errors?.map(each => each.field) ?? [], field === null ? [] : [field], about);
  }
  assert.deepEqual([bare(await v1.call(one.id)), bare(await v1.call(alone.id))], before);
});

test('a body that is none - is a problem', async () => {
  const { id } = await report();
  for (const [body, headers, status] of [
    ['{', {}, 400],
    ['', {}, 400],
    ['{"with":1}', { 'content-type': 'text/plain' }, 415],
  ] as const) {
    const answer = await v1.ask<ProblemView>('POST', `/v1/calls/${id}/join`, { body, headers });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  }
});

test('NUL and lone surrogates in a reason - are replaced, a blank one is none', async () => {
  const [one, other] = [await report(), await report()];
  await v1.ask('POST', `/v1/calls/${one.id}/join`, { body: `{"with":${other.id},"reason":"a\\u0000b\\ud800"}` });
  await split(one.id, { reason: '  ' });
  assert.deepEqual(
    (await v1.call(one.id)).reports.map(each => each.matchDecision?.reason),
    [undefined, 'a\ufffdb\ufffd', null],
  );
});

for (const role of ROLES) {
  const may = (['administrator', 'supervisor'] as readonly Role[]).includes(role);
  test(`join and split as ${role} - ${may ? 'let in' : 'refused'}`, async () => {
    const [one, other] = [await report({ userId: ANNA.id }), await report({ userId: ANNA.id })];
    const client = createV1Client(server, bearer(TOKENS[role]));
    const joined = await client.ask<ProblemView>('POST', `/v1/calls/${one.id}/join`, { body: { with: other.id } });
    assert.equal(joined.status, may ? 200 : 403);
    if (!may) assert.ok(joined.body.detail.includes('calls.correct'), joined.body.detail);
    if (!may) await joinWith(one.id, other.id);
    assert.equal((await client.ask('POST', `/v1/calls/${one.id}/split`, { body: {} })).status, may ? 200 : 403);
    if (may)
      assert.equal(
        (await v1.call(one.id)).reports.at(-1)!.matchDecision!.author,
        role === 'administrator' ? 'ops' : role,
      );
  });
}

test('join and split as nobody - 401', async () => {
  const nobody = createV1Client(server, null);
  const { id } = await report();
  assert.equal((await nobody.ask('POST', `/v1/calls/${id}/join`, { body: { with: 1 } })).status, 401);
  assert.equal((await nobody.ask('POST', `/v1/calls/${id}/split`, { body: {} })).status, 401);
});

test('an agent - reads the own call under every id that leads there, and joins none', async () => {
  const anna = createV1Client(server, basic(ANNA.login, ANNA.password));
  const bert = createV1Client(server, basic(BERT.login, BERT.password));
  const own = await report({ userId: ANNA.id, startedAt: '2026-03-02T10:05:00Z' });
  const nobodys = await report({ startedAt: '2026-03-02T10:00:00Z' });
  assert.equal((await anna.ask('GET', `/v1/calls/${nobodys.id}`)).status, 404);
  await joinWith(own.id, nobodys.id);
  assert.equal((await anna.call(nobodys.id)).id, own.id);
  for (const id of [own.id, nobodys.id]) assert.equal((await bert.ask('GET', `/v1/calls/${id}`)).status, 404);
  assert.equal((await anna.ask('POST', `/v1/calls/${own.id}/split`, { body: {} })).status, 403);
});
