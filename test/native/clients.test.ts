import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSince } from '../kit/assertSince.ts';
import { openEvents } from '../kit/eventStream.ts';
import { basic, bearer, createV1Client } from '../kit/v1Client.ts';
import type { ProblemView } from '../kit/v1Views.ts';
import { ANNA, BERT, CARLA, openHouse, ROLES, type Role, TOKENS } from './house.ts';
import { applicationOf, freshNumber, TELEPHONY } from './telephony.ts';

const { server, v1 } = await openHouse({ config: TELEPHONY });
const application = applicationOf(server);

interface ClientView {
  readonly type: string;
  readonly id: number;
  readonly name: string;
  readonly phones: readonly string[];
  readonly responsibleId: number | null;
  readonly origin: string | null;
  readonly createdByCallId: number | null;
  readonly createdAt: string;
}
interface MessageView {
  readonly id: number;
  readonly at: string;
  readonly callId: number;
  readonly text: string;
}

const put = (path: string, body: unknown) => v1.ask<ClientView & ProblemView>('PUT', `/v1/clients/${path}`, { body });
const messages = async (user: number, client = v1): Promise<readonly MessageView[]> =>
  (await client.get<{ readonly items: readonly MessageView[] }>(`/v1/users/${user}/messages`)).items;
const somebody = (changes: object = {}) => ({ name: 'Somebody', phones: [freshNumber()], ...changes });

test('a client - is made by the first PUT, changed by the next, and read back', async () => {
  for (const [types, type] of [
    ['contacts', 'contact'],
    ['leads', 'lead'],
    ['companies', 'company'],
  ] as const) {
    const body = { name: 'Example Ltd', phones: ['+49 30 23125 010', ' +442079460100 '], responsibleId: ANNA.id };
    const made = await put(`${types}/10`, body);
    assert.equal(made.status, 201);
    const { createdAt, ...rest } = made.body;
    const phones = ['+493023125010', '+442079460100'];
    const expected = {
      type,
      id: 10,
      name: 'Example Ltd',
      phones,
      responsibleId: ANNA.id,
      origin: null,
      createdByCallId: null,
    };
    assert.deepEqual(rest, expected);
    assertSince(createdAt);
    assert.deepEqual(await v1.get(`/v1/clients/${types}/10`), made.body);

    const changed = await put(`${types}/10`, { name: 'Example AG', phones: [] });
    assert.equal(changed.status, 200);
    const after = { ...made.body, name: 'Example AG', phones: [], responsibleId: null };
    assert.deepEqual(changed.body, after, 'everything is made what is said');
    assert.deepEqual(await v1.get(`/v1/clients/${types}/10`), after);
  }
});

test('the same again - is the same client, and types keep ids of their own', async () => {
  const body = somebody();
  assert.equal((await put('contacts/20', body)).status, 201);
  assert.equal((await put('contacts/20', body)).status, 200);
  const other = await v1.ask<ProblemView>('GET', '/v1/clients/leads/20');
  assert.deepEqual([other.status, other.body.detail], [404, 'there is no lead 20']);
});

test('a change - is told by ids, without a name or a number', async () => {
  await using events = await openEvents(server);
  const { phones } = (await put('contacts/30', somebody({ name: 'A private name' }))).body;
  const changed = await events.first('the change', each => each.kind === 'client.changed');
  const text = JSON.stringify(changed.data);
  assert.ok(text.includes('contact') && text.includes('30'), text);
  for (const word of ['private', phones[0]!.slice(1)]) assert.ok(!text.includes(word), text);
});

test('who calls - is found by the number, however it is written, and not by one that was taken away', async () => {
  const number = freshNumber();
  await put('companies/40', somebody({ phones: [number.replace('+44', '0044 ')] }));
  const found = async () => {
    const finished = await application.finish(await application.register(number));
    return [finished['CRM_ENTITY_TYPE'], finished['CRM_ENTITY_ID']];
  };
  assert.deepEqual(await found(), ['COMPANY', 40]);
  await put('contacts/40', somebody({ phones: ['anonymous', number] }));
  assert.deepEqual(await found(), ['CONTACT', 40], 'people before companies');
  await put('contacts/40', somebody());
  assert.deepEqual(await found(), ['COMPANY', 40]);
  await put('companies/40', somebody());
  assert.deepEqual(await found(), [null, null]);
  const withheld = await application.finish(await application.register('anonymous'));
  assert.equal(withheld['CRM_ENTITY_ID'], null, 'a withheld caller is nobody');
});

test('K2, K3, K7 phones - are kept as digits and a plus, and lead to the client however a call has them', async () => {
  const number = freshNumber();
  const digits = number.slice(1);
  for (const written of [`tel:${number};ext=5`, `"Somebody" <sip:${number}@pbx.example>`, ` ${digits}`]) {
    const { body } = await put('contacts/41', somebody({ phones: [written] }));
    assert.deepEqual(body.phones, [number], written);
    const finished = await application.finish(await application.register(number));
    assert.deepEqual([finished['CRM_ENTITY_TYPE'], finished['CRM_ENTITY_ID']], ['CONTACT', 41], written);
  }
});

test('a number that is not sure - leads to the client who has the same digits, and to none it could be', async () => {
  const clientOf = async (number: string, changes: Readonly<Record<string, unknown>> = {}) => {
    const finished = await application.finish(await application.register(number, changes));
    return [finished['CRM_ENTITY_TYPE'], finished['CRM_ENTITY_ID']];
  };
  await put('contacts/42', somebody({ phones: ['+494155550101', '+15125550101'] }));
  // In Germany: a national number without its trunk zero or one of another country, and a mobile or one of America.
  for (const unsure of ['4155550101', '15125550101']) assert.deepEqual(await clientOf(unsure), [null, null], unsure);
  for (const sure of ['04155550101', '494155550101', '0015125550101']) {
    assert.deepEqual(await clientOf(sure), ['CONTACT', 42], sure);
  }
  const [type, id] = await clientOf('4155550102', { CRM_CREATE: 1 });
  assert.equal(type, 'LEAD');
  assert.deepEqual(await clientOf('4155 550102'), ['LEAD', id]);
  assert.deepEqual(await clientOf('+494155550102'), [null, null]);
});

test('a lead made for a call - can be read and changed, says which call, and stays of that call', async () => {
  await using events = await openEvents(server);
  const number = freshNumber();
  const token = await application.register(number, { CRM_CREATE: 1, CRM_SOURCE: 'WEB' });
  const call = await v1.callOf(token, 'bitrix24');
  await events.first('the lead', each => each.kind === 'lead.created' && each.data.callId === call.id);
  const finished = await application.finish(token, { USER_ID: BERT.id });
  const id = Number(finished['CRM_ENTITY_ID']);
  const lead = await v1.get<ClientView>(`/v1/clients/leads/${id}`);
  assert.deepEqual(
    [lead.name, lead.phones, lead.origin, lead.createdByCallId, lead.responsibleId],
    [number, [number], 'WEB', call.id, BERT.id],
  );
  const { status, body } = await put(`leads/${id}`, { name: 'Somebody', phones: [number], responsibleId: CARLA.id });
  assert.deepEqual([status, body.name, body.origin, body.createdByCallId], [200, 'Somebody', 'WEB', call.id]);
  assert.equal((await application.lines(number))[0]!['CRM_ENTITY_ID'], String(id));
});

test('what is wrong - is a problem that names the field, and stores nothing', async () => {
  const wrong: readonly (readonly [path: string, body: unknown, field: string])[] = [
    ['contacts/50', {}, 'name'],
    ['contacts/50', somebody({ name: '' }), 'name'],
    ['contacts/50', somebody({ name: 5 }), 'name'],
    ['contacts/50', somebody({ name: 'x'.repeat(257) }), 'name'],
    ['contacts/50', { name: 'x' }, 'phones'],
    ['contacts/50', somebody({ phones: '+442079460100' }), 'phones'],
    ['contacts/50', somebody({ phones: [5] }), 'phones[0]'],
    ['contacts/50', somebody({ phones: [''] }), 'phones[0]'],
    ['contacts/50', somebody({ phones: ['+442079460100', 'abc'] }), 'phones[1]'],
    ['contacts/50', somebody({ phones: ['+4420\u00007946 0100'] }), 'phones[0]'],
    ['contacts/50', somebody({ phones: ['1'.repeat(65)] }), 'phones[0]'],
    ['contacts/50', somebody({ phones: Array.from({ length: 51 }, () => '+442079460100') }), 'phones'],
    ['contacts/50', somebody({ responsibleId: 0 }), 'responsibleId'],
    ['contacts/50', somebody({ responsibleId: '1' }), 'responsibleId'],
    ['contacts/50', somebody({ responsibleId: 999 }), 'responsibleId'],
    ['contacts/50', somebody({ createdByCallId: 1 }), 'createdByCallId'],
    ['contacts/0', somebody(), 'id'],
    ['contacts/x', somebody(), 'id'],
    ['contacts/1.5', somebody(), 'id'],
    ['deals/50', somebody(), 'type'],
    ['CONTACTS/50', somebody(), 'type'],
    ['constructor/50', somebody(), 'type'],
    ['__proto__/50', somebody(), 'type'],
  ];
  for (const [path, body, field] of wrong) {
    const { status, headers, body: answer } = await put(path, body);
    const about = `${path} ${JSON.stringify(body).slice(0, 80)} → ${JSON.stringify(answer)}`;
    assert.equal(status, 400, about);
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
    const fields = answer.errors?.map(each => each.field) ?? [];
    assert.ok(fields.includes(field), about);
  }
  assert.equal((await v1.ask('GET', '/v1/clients/contacts/50')).status, 404);
  for (const [path, status] of [
    ['/v1/clients/deals/1', 400],
    ['/v1/clients/contacts/x', 400],
    ['/v1/clients/contacts/999999', 404],
  ] as const) {
    const answer = await v1.ask<ProblemView>('GET', path);
    assert.deepEqual([answer.status, answer.body.status], [status, status], path);
  }
});

test('NUL and lone surrogates - are replaced', async () => {
  const body = '{"name":"a\\u0000b\\ud800","phones":["+442079460100"]}';
  const { status } = await v1.ask('PUT', '/v1/clients/contacts/60', { body });
  assert.equal(status, 201);
  assert.equal((await v1.get<ClientView>('/v1/clients/contacts/60')).name, 'a\ufffdb\ufffd');
});

for (const role of ROLES) {
  const may = (['administrator', 'supervisor'] as readonly Role[]).includes(role);
  test(`clients and messages as ${role} - ${may ? 'let in' : 'refused'}`, async () => {
    const client = createV1Client(server, bearer(TOKENS[role]));
    const made = await client.ask<ProblemView>('PUT', '/v1/clients/contacts/70', { body: somebody() });
    assert.ok(may ? [200, 201].includes(made.status) : made.status === 403, `${made.status}`);
    if (!may) assert.ok(made.body.detail.includes('clients.manage'), made.body.detail);
    await put('contacts/70', somebody());
    assert.equal((await client.ask('GET', '/v1/clients/contacts/70')).status, may ? 200 : 403);
    // A token is nobody's: as an agent it has no messages of its own.
    const { status } = await client.ask('GET', `/v1/users/${ANNA.id}/messages`);
    assert.equal(status, may ? 200 : role === 'agent' ? 404 : 403);
  });
}

test('clients and messages as nobody - 401', async () => {
  const nobody = createV1Client(server, null);
  for (const [method, path] of [
    ['PUT', '/v1/clients/contacts/1'],
    ['GET', '/v1/clients/contacts/1'],
    ['GET', '/v1/users/1/messages'],
  ] as const) {
    assert.equal((await nobody.ask(method, path, method === 'PUT' ? { body: somebody() } : {})).status, 401, path);
  }
});

test('messages - tell a user what became of finished calls, newest first, and only when it was asked for', async () => {
  await using events = await openEvents(server);
  const before = await messages(BERT.id);
  const told: string[] = [];
  const calls: number[] = [];
  for (const [registering, finishing, text] of [
    [{}, { DURATION: 28 }, 'The call from # finished after 28 s.'],
    [{ TYPE: 1 }, { DURATION: 125 }, 'The call to # finished after 2 min 5 s.'],
    [{}, { DURATION: 0 }, 'The call from # was not answered.'],
    [{ TYPE: 1 }, { DURATION: 9, STATUS_CODE: '486' }, 'The call to # was not answered.'],
  ] as const) {
    const number = freshNumber();
    const token = await application.register(number, registering);
    await application.finish(token, { USER_ID: BERT.id, ADD_TO_CHAT: 1, ...finishing });
    calls.unshift((await v1.callOf(token, 'bitrix24')).id);
    told.unshift(text.replace('#', number));
  }
  await application.finish(await application.register(freshNumber()), { USER_ID: BERT.id });
  const added = (await messages(BERT.id)).slice(0, told.length);
  assert.equal((await messages(BERT.id)).length, before.length + told.length);
  assert.deepEqual(
    added.map(each => each.text),
    told,
  );
  assert.deepEqual(
    added.map(each => each.callId),
    calls,
  );
  for (const { at } of added) assertSince(at);
  const { data } = await events.first('the message', each => each.kind === 'message.added');
  assert.equal(data.callId, calls.at(-1));
});

test('messages - are read by the user and by those who read everything, and by nobody else', async () => {
  await application.finish(await application.register(freshNumber()), { ADD_TO_CHAT: 1 });
  const anna = createV1Client(server, basic(ANNA.login, ANNA.password));
  const bert = createV1Client(server, basic(BERT.login, BERT.password));
  const carla = createV1Client(server, basic(CARLA.login, CARLA.password));
  const own = await messages(ANNA.id, anna);
  assert.ok(own.length > 0);
  assert.deepEqual(await messages(ANNA.id, carla), own);
  const refused = await bert.ask<ProblemView>('GET', `/v1/users/${ANNA.id}/messages`);
  assert.deepEqual([refused.status, refused.body.title], [404, 'Not Found']);
  assert.deepEqual(await messages(CARLA.id), []);
  assert.equal((await v1.ask('GET', '/v1/users/999/messages')).status, 404);
  assert.equal((await v1.ask('GET', '/v1/users/x/messages')).status, 400);
});

test('a message about a call that was joined into an older one - leads there by its id', async () => {
  const number = freshNumber();
  const native = await v1.post<{ id: number }>(
    '/v1/calls',
    { externalId: 'older', direction: 'inbound', from: number, to: null, startedAt: new Date().toISOString() },
    201,
  );
  await application.finish(await application.register(number), { ADD_TO_CHAT: 1 });
  const { callId } = (await messages(ANNA.id))[0]!;
  await v1.post(`/v1/calls/${native.id}/join`, { with: callId }, 200);
  const [message] = await messages(ANNA.id);
  assert.equal(message!.callId, callId);
  assert.equal((await v1.call(message!.callId)).id, native.id);
});
