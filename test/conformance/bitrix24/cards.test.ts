import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EventStream, openEvents, type ServerEvent } from '../../kit/eventStream.ts';
import { CARRIERS, CONTACT_PHONE, HIDE, type Params, REGISTER, SHOW, startPortal } from './cases.ts';

const portal = await startPortal();

/** Whose screens show the card of a call, by what the event stream has told. */
interface Cards {
  readonly callId: number;
  readonly id: string;
  /** Once everything so far has been told: `+1` came to user 1, `-2` left user 2. */
  changes(): Promise<readonly string[]>;
}

async function watch(events: EventStream, registering: Params = {}): Promise<Cards> {
  const { CALL_ID: id } = await portal.register(registering);
  const { id: callId } = await portal.v1.callOf(id, 'bitrix24');
  return {
    callId,
    id,
    async changes() {
      // What is told of a later call comes after whatever this one's requests did.
      const { CALL_ID: later } = await portal.register();
      const { id: mark } = await portal.v1.callOf(later, 'bitrix24');
      await events.first(`call ${mark}`, each => each.data.callId === mark);
      return events.received.filter(each => each.data.callId === callId).flatMap(change);
    },
  };
}

function change({ kind, data }: ServerEvent): string[] {
  const { userId } = data as ServerEvent['data'] & { readonly userId?: number };
  if (kind === 'card.shown') return [`+${userId}`];
  return kind === 'card.hidden' ? [`-${userId}`] : [];
}

test('B24-30 show USER_ID [1,2] by JSON and in a form - true, and the card comes to both', async () => {
  await using events = await openEvents(portal.server);
  for (const carry of Object.values(CARRIERS)) {
    const card = await watch(events);
    const { status, body } = await carry(portal, SHOW, { CALL_ID: card.id, USER_ID: [1, 2] });
    assert.deepEqual([status, body.result], [200, true]);
    assert.deepEqual(await card.changes(), ['+1', '+2']);
  }
});

test('B24-30 show USER_ID in every form - the card comes to them', async () => {
  await using events = await openEvents(portal.server);
  for (const [given, shown] of [
    [5, []],
    [2, ['+2']],
    ['2', ['+2']],
    [
      ['1', '2'],
      ['+1', '+2'],
    ],
    [{ 0: 2, 2: 1 }, ['+2', '+1']],
    [[2, 2], ['+2']],
    // Nobody's ids, and those of the dismissed, are passed over.
    [[2, 999, 3, 'x'], ['+2']],
    // Without one, it is the user who registered the call.
    [undefined, ['+1']],
    [null, ['+1']],
    ['', ['+1']],
  ] as const) {
    const card = await watch(events);
    assert.equal(await portal.result(SHOW, { CALL_ID: card.id, USER_ID: given }), true);
    assert.deepEqual(await card.changes(), shown, JSON.stringify(given));
  }
});

test('B24-31 show and hide an unknown CALL_ID - 200 and false', async () => {
  for (const method of [SHOW, HIDE]) {
    for (const id of ['nope', '', undefined, null, ['a'], 5]) {
      assert.equal(await portal.result(method, { CALL_ID: id, USER_ID: 1 }), false, JSON.stringify(id));
    }
  }
});

test('B24-32 hide without USER_ID - true, and the card leaves everybody', async () => {
  await using events = await openEvents(portal.server);
  const card = await watch(events, { SHOW: 1 });
  await portal.result(SHOW, { CALL_ID: card.id, USER_ID: 2 });
  assert.equal(await portal.result(HIDE, { CALL_ID: card.id }), true);
  assert.deepEqual(await card.changes(), ['+1', '+2', '-1', '-2']);
});

test('B24-32 hide USER_ID - leaves those, repeated or never shown it is true all the same', async () => {
  await using events = await openEvents(portal.server);
  const card = await watch(events, { SHOW: 1 });
  await portal.result(SHOW, { CALL_ID: card.id, USER_ID: [2] });
  for (const user of [1, [1], '1', 999]) {
    assert.equal(await portal.result(HIDE, { CALL_ID: card.id, USER_ID: user }), true);
  }
  assert.equal(await portal.result(SHOW, { CALL_ID: card.id, USER_ID: 2 }), true);
  assert.deepEqual(await card.changes(), ['+1', '+2', '-1']);
});

test('B24 11.1 register SHOW - shown to the user unless it says no, and again when a repeat says yes', async () => {
  await using events = await openEvents(portal.server);
  for (const [flag, shown] of [
    [undefined, ['+1']],
    [1, ['+1']],
    ['Y', ['+1']],
    [0, []],
    ['0', []],
    [false, []],
  ] as const) {
    const card = await watch(events, { SHOW: flag });
    assert.deepEqual(await card.changes(), shown, JSON.stringify(flag));
  }
  const said = { PHONE_NUMBER: CONTACT_PHONE, SHOW: 0 };
  const card = await watch(events, said);
  await portal.register({ ...said, SHOW: 1 });
  await portal.register({ ...said, SHOW: 1 });
  await portal.result(HIDE, { CALL_ID: card.id });
  await portal.register(said);
  await portal.register({ ...said, SHOW: 1 });
  assert.deepEqual(await card.changes(), ['+1', '-1', '+1']);
});

test('B24 finish - the card leaves every user', async () => {
  await using events = await openEvents(portal.server);
  const card = await watch(events, { SHOW: 1 });
  await portal.result(SHOW, { CALL_ID: card.id, USER_ID: [2] });
  await portal.finish(card.id, { USER_ID: 2 });
  assert.deepEqual(await card.changes(), ['+1', '+2', '-1', '-2']);
  // In the command that ends the call: whoever learns of the end has no card any more.
  const kinds = events.received.filter(each => each.data.callId === card.callId).map(each => each.kind);
  assert.ok(kinds.lastIndexOf('card.hidden') < kinds.indexOf('call.ended'));
  assert.equal(kinds.filter(each => each === 'call.ended').length, 1);
});

test('B24 10 show and hide after finish - false, and no card comes', async () => {
  await using events = await openEvents(portal.server);
  const card = await watch(events);
  await portal.finish(card.id);
  for (const method of [SHOW, HIDE]) {
    assert.equal(await portal.result(method, { CALL_ID: card.id, USER_ID: [1, 2] }), false);
  }
  assert.deepEqual(await card.changes(), []);
});

test('B24 finish that is refused - the card stays', async () => {
  await using events = await openEvents(portal.server);
  const card = await watch(events, { SHOW: 1 });
  await portal.refusal('telephony.externalcall.finish', { CALL_ID: card.id });
  assert.deepEqual(await card.changes(), ['+1']);
  // Nor does a refused registration show one.
  await portal.refusal(REGISTER, { USER_ID: 1, PHONE_NUMBER: 'abc', TYPE: 2, SHOW: 1 });
  assert.deepEqual(await card.changes(), ['+1']);
});
