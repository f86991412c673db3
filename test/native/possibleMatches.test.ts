import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertSince } from '../kit/assertSince.ts';
import { openEvents, type ServerEvent } from '../kit/eventStream.ts';
import { createScratch } from '../kit/scratch.ts';
import { startServer } from '../kit/server.ts';
import { bearer, createV1Client } from '../kit/v1Client.ts';
import type { ProblemView, SummaryView } from '../kit/v1Views.ts';
import { ANNA, BERT, ROLES, type Role, TOKENS } from './house.ts';
import { applicationOf, freshNumber, pbxTells, TELEPHONY } from './telephony.ts';

interface PossibleMatch {
  readonly id: number;
  readonly callId: number;
  readonly otherCallId: number;
  readonly at: string;
}
interface PossibleMatchPage {
  readonly items: readonly PossibleMatch[];
  readonly next: number | null;
}

/** What an application finished before there was a PBX, and a PBX tells of later. */
interface Twice {
  readonly number: string;
  readonly startedAt: number;
  readonly token: string;
  /** The call of the application. */
  readonly id: number;
  readonly pbxId: string;
}

const HOW_MANY = 4;

const scratch = createScratch('matches');
const dataDir = join(scratch.path, 'data');
const registered: Omit<Twice, 'pbxId'>[] = [];
/** One call that the application registered twice, a minute apart, which a person joined. */
const handedOn = {
  number: freshNumber(),
  startedAt: Math.floor(Date.now() / 1000) * 1000 - 120_000,
  ids: [] as number[],
};
const MINUTE_MS = 60_000;
{
  // Without a PBX nobody is waited for, and a finished call settles in a second.
  await using withoutPbx = await startServer({ config: { ...TELEPHONY, sources: [] }, dataDir });
  const application = applicationOf(withoutPbx);
  const client = createV1Client(withoutPbx);
  for (let n = 0; n < HOW_MANY; n++) {
    const [number, startedAt] = [freshNumber(), Date.now()];
    const token = await application.register(number);
    await application.finish(token, { DURATION: 1 });
    const { id } = await client.callOf(token, 'bitrix24');
    registered.push({ number, startedAt, token, id });
  }
  for (const startedAt of [handedOn.startedAt, handedOn.startedAt + MINUTE_MS]) {
    const token = await application.register(handedOn.number, { CALL_START_DATE: new Date(startedAt).toISOString() });
    await application.finish(token, { DURATION: 20 });
    handedOn.ids.push((await client.callOf(token, 'bitrix24')).id);
  }
  await client.post(`/v1/calls/${handedOn.ids[0]}/join`, { with: handedOn.ids[1] }, 200);
  await Promise.all([...registered.map(({ id }) => id), handedOn.ids[0]!].map(id => client.settled(id)));
}
const server = await startServer({ config: TELEPHONY, dataDir });
after(async () => {
  await server[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});
const v1 = createV1Client(server);
const application = applicationOf(server);

/** Anna's leg is told when the call it is a stage of has settled, as that of Bert, whom nobody can find by it. */
const lateLeg = ({ number, startedAt, pbxId: callId }: Twice) =>
  pbxTells(server, { number, callId, startedAt, durationSeconds: 1, talkSeconds: 1 });
const told: Twice[] = await Promise.all(
  registered.map(async each => {
    const { number, startedAt } = each;
    const pbxId = await pbxTells(server, { number, startedAt, extension: BERT.extension });
    await v1.settled((await v1.callOf(pbxId, 'hq')).id);
    return { ...each, pbxId };
  }),
);

const possibleMatches = async (): Promise<readonly PossibleMatch[]> =>
  (await v1.get<PossibleMatchPage>('/v1/possible-matches')).items;
const matchOf = async ({ id }: Twice): Promise<PossibleMatch | undefined> =>
  (await possibleMatches()).find(each => each.callId === id);
const counted = async (): Promise<number> => (await v1.get<SummaryView>('/v1/statistics/summary')).totals.calls;

test('two that have both settled - are left two, listed, and named by each other', async () => {
  assert.deepEqual(await v1.get('/v1/possible-matches'), { items: [], next: null });
  const before = await counted();
  await using events = await openEvents(server);
  for (const each of told) await lateLeg(each);
  const page = await v1.get<PossibleMatchPage>('/v1/possible-matches');
  assert.deepEqual(
    page.items.map(each => each.callId),
    told.map(each => each.id),
  );
  assert.equal(page.next, null);
  for (const [n, { id, pbxId }] of told.entries()) {
    const leg = await v1.callOf(pbxId, 'hq');
    const { at, ...match } = page.items[n]!;
    assert.deepEqual(match, { id: n + 1, callId: id, otherCallId: leg.id });
    assertSince(at);
    assert.deepEqual([leg.possibleMatches, (await v1.call(id)).possibleMatches], [[id], [leg.id]]);
    assert.deepEqual([leg.aliases, leg.legs.length, leg.userId], [[], 2, ANNA.id]);
    const { data } = await events.first(
      `the match of ${id}`,
      each => each.kind === 'call.possible_match_found' && each.data.callId === id,
    );
    assert.equal((data as ServerEvent['data'] & { readonly otherCallId: number }).otherCallId, leg.id);
  }
  assert.equal(await counted(), before, 'every call that was told is counted');
});

test('the list of possible matches - goes on after its number', async () => {
  const all = await possibleMatches();
  assert.equal(all.length, HOW_MANY);
  assert.deepEqual(await v1.get(`/v1/possible-matches?after=${all[1]!.id}`), { items: all.slice(2), next: null });
  for (const wrong of ['x', '-1', '1.5', '']) {
    const { status, body } = await v1.ask<ProblemView>('GET', `/v1/possible-matches?after=${wrong}`);
    assert.deepEqual([status, body.errors?.map(each => each.field)], [400, ['after']], wrong);
  }
});

for (const role of ROLES) {
  const may = (['administrator', 'supervisor'] as readonly Role[]).includes(role);
  test(`possible matches as ${role} - ${may ? 'let in' : 'refused'}`, async () => {
    const client = createV1Client(server, bearer(TOKENS[role]));
    assert.equal((await client.ask('GET', '/v1/possible-matches')).status, may ? 200 : 403);
    const { status } = await client.ask('DELETE', '/v1/possible-matches/999998/999999');
    assert.equal(status, may ? 404 : 403);
  });
}

test('possible matches as nobody - 401', async () => {
  const nobody = createV1Client(server, null);
  assert.equal((await nobody.ask('GET', '/v1/possible-matches')).status, 401);
  assert.equal((await nobody.ask('DELETE', '/v1/possible-matches/1/2')).status, 401);
});

test('joined by a person - one call, a possible match no more, and counted once', async () => {
  const [first] = told;
  const { callId: call, otherCallId: other } = (await matchOf(first!))!;
  const before = await counted();
  assert.equal((await application.lines(first!.number)).length, 2);
  assert.deepEqual(await v1.post(`/v1/calls/${other}/join`, { with: call }, 200), { id: call });
  assert.equal(await matchOf(first!), undefined);
  const joined = await v1.call(other);
  assert.deepEqual([joined.id, joined.possibleMatches, joined.source, joined.legs.length], [call, [], 'hq', 2]);
  assert.equal(await counted(), before - 1);
  const lines = await application.lines(first!.number);
  assert.deepEqual(
    lines.map(each => each['CALL_ID']),
    [first!.token],
  );
});

test('said to be two - no possible match any more, whatever the PBX tells afterwards', async () => {
  const second = told[1]!;
  const { callId: call, otherCallId: other } = (await matchOf(second))!;
  const before = await counted();
  const { status, body } = await v1.ask('DELETE', `/v1/possible-matches/${call}/${other}`);
  assert.deepEqual([status, body], [200, { callId: call, otherCallId: other }]);
  assert.equal(await matchOf(second), undefined);
  assert.deepEqual([(await v1.call(call)).possibleMatches, (await v1.call(other)).possibleMatches], [[], []]);
  const said = (await v1.call(call)).reports.at(-1)!;
  assert.deepEqual(
    [said.kind, said.matchDecision?.author, said.matchDecision?.callIds],
    ['native.separated', 'ops', [other]],
  );

  await pbxTells(server, { ...second, callId: second.pbxId, startedAt: second.startedAt + 2_000, durationSeconds: 1 });
  assert.equal((await v1.call(other)).legs.length, 3);
  assert.equal(await matchOf(second), undefined);
  assert.equal(await counted(), before);
  assert.equal(
    (await v1.ask('DELETE', `/v1/possible-matches/${call}/${other}`)).status,
    200,
    'said twice is said once',
  );
});

test('joined, then split - two, and no possible match any more', async () => {
  const third = told[2]!;
  const { callId: call, otherCallId: other } = (await matchOf(third))!;
  await v1.post(`/v1/calls/${call}/join`, { with: other }, 200);
  assert.deepEqual(await v1.post(`/v1/calls/${call}/split`, {}, 200), { id: other });
  await pbxTells(server, { ...third, callId: third.pbxId, startedAt: third.startedAt + 2_000, durationSeconds: 1 });
  assert.deepEqual([(await v1.call(call)).id, (await v1.call(other)).id], [call, other]);
  assert.equal(await matchOf(third), undefined);
});

test('the same told again - is the same possible match', async () => {
  const fourth = told[3]!;
  const before = await matchOf(fourth);
  await lateLeg(fourth);
  await pbxTells(server, { ...fourth, callId: fourth.pbxId, startedAt: fourth.startedAt + 2_000, durationSeconds: 1 });
  assert.deepEqual(await matchOf(fourth), before);
  const { journal } = await v1.call(fourth.id);
  assert.equal(journal.filter(each => each.kind === 'call.possible_match_found').length, 1);
});

test('two suspicions between two calls - are one possible match, told once, and settled by one decision', async () => {
  const { number, startedAt, ids } = handedOn;
  const [id] = ids;
  const pbxId = await pbxTells(server, { number, startedAt, extension: BERT.extension });
  const { id: pbxCall } = await v1.callOf(pbxId, 'hq');
  await v1.settled(pbxCall);
  const others = (await possibleMatches()).filter(each => each.callId !== id);
  for (const from of [startedAt, startedAt + MINUTE_MS]) {
    await pbxTells(server, { number, callId: pbxId, startedAt: from, durationSeconds: 20, talkSeconds: 18 });
  }
  const found = (await possibleMatches()).filter(each => each.callId === id);
  assert.deepEqual(
    found.map(each => each.otherCallId),
    [pbxCall],
  );
  assert.deepEqual(await v1.get(`/v1/possible-matches?after=${found[0]!.id}`), { items: [], next: null });
  assert.deepEqual([(await v1.call(id!)).possibleMatches, (await v1.call(pbxCall)).possibleMatches], [[pbxCall], [id]]);
  const { journal } = await v1.call(id!);
  assert.equal(journal.filter(each => each.kind === 'call.possible_match_found').length, 1);
  assert.equal((await v1.ask('DELETE', `/v1/possible-matches/${id}/${pbxCall}`)).status, 200);
  assert.deepEqual(await possibleMatches(), others);
  assert.deepEqual([(await v1.call(id!)).possibleMatches, (await v1.call(pbxCall)).possibleMatches], [[], []]);
});

test('what cannot be said to be two - is a problem that names what is wrong', async () => {
  const [first, , , fourth] = told;
  const joined = await v1.call(first!.id);
  const [alias] = joined.aliases;
  for (const [path, status, field] of [
    [`${joined.id}/${alias}`, 400, 'otherCallId'],
    [`${joined.id}/${joined.id}`, 400, 'otherCallId'],
    [`${fourth!.id}/999999`, 404, null],
    [`999999/${fourth!.id}`, 404, null],
    [`x/${fourth!.id}`, 400, 'callId'],
    [`${fourth!.id}/0`, 400, 'otherCallId'],
  ] as const) {
    const answer = await v1.ask<ProblemView>('DELETE', `/v1/possible-matches/${path}`);
    assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.deepEqual(answer.body.errors?.map(each => each.field) ?? [], field === null ? [] : [field], path);
  }
  assert.notEqual(await matchOf(fourth!), undefined);
});
