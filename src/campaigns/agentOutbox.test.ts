import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TestLedger } from '../ledger/testing/testLedger.ts';
import { STORE_KINDS } from '../ledger/testing/testStores.ts';
import {
  confirmOutboxEntries,
  findUnreadableEntries,
  messagesIn,
  OUTBOX_KEPT_MS,
  putOutboxEntry,
  removableOutboxEntries,
  unconfirmedOutboxEntries,
} from './agentOutbox.ts';
import { agentOutbox } from './entities.ts';
import { ENTITIES } from './testing/testCampaigns.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-outbox-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const message = (n: number) => [{ channel: '/v2/me/outbound', data: { n } }];

for (const kind of STORE_KINDS) {
  test(`${kind.name} - an entry is delivered again until it is confirmed or a minute old`, async () => {
    const house = await TestLedger.open(await kind.make(ENTITIES, directory));
    const { ledger, time } = house;
    const put = (userId: number, n: number) => house.submit(state => putOutboxEntry(state, userId, message(n)));
    const [first, second] = [await put(1, 1), await put(1, 2)];
    await put(2, 3);
    const messages = async () => (await unconfirmedOutboxEntries(ledger.reader, 1, time.now)).map(messagesIn);
    assert.deepEqual(await messages(), [message(1), message(2)]);
    await ledger.submit(confirmOutboxEntries([first, 999]));
    assert.deepEqual(await messages(), [message(2)]);
    assert.deepEqual(await removableOutboxEntries(ledger.reader, time.now), []);
    time.now += OUTBOX_KEPT_MS;
    assert.deepEqual(await messages(), []);
    const expired = await removableOutboxEntries(ledger.reader, time.now);
    assert.deepEqual(expired, [second, second + 1]);
    await ledger.submit(confirmOutboxEntries(expired));
    assert.deepEqual(await house.rows(agentOutbox), []);
    await house.close();
  });

  test(`${kind.name} - of one user the newest two hundred are delivered again, oldest first`, async () => {
    const house = await TestLedger.open(await kind.make(ENTITIES, directory));
    await house.submit(state => {
      for (let n = 0; n < 150; n++) putOutboxEntry(state, 1, message(n));
    });
    await house.submit(state => {
      for (let n = 150; n < 205; n++) putOutboxEntry(state, 1, message(n));
    });
    const again = (await unconfirmedOutboxEntries(house.ledger.reader, 1, house.time.now)).map(messagesIn);
    assert.deepEqual([again.length, again[0], again.at(-1)], [200, message(5), message(204)]);
    await house.close();
  });

  test(`${kind.name} - beyond the newest two hundred of a user, entries are to be removed, whatever others have`, async () => {
    const house = await TestLedger.open(await kind.make(ENTITIES, directory));
    const { ledger, time } = house;
    await house.submit(state => {
      for (let n = 0; n < 205; n++) for (const userId of [1, 2]) putOutboxEntry(state, userId, message(n));
      for (let n = 0; n < 200; n++) putOutboxEntry(state, 3, message(n));
    });
    const removable = async () => (await removableOutboxEntries(ledger.reader, time.now)).toSorted((a, b) => a - b);
    assert.deepEqual(await removable(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // What is confirmed leaves as many of the others.
    await ledger.submit(confirmOutboxEntries([2, 4, 401, 403, 405, 407, 409]));
    assert.deepEqual(await removable(), [6, 8, 10]);
    await ledger.submit(confirmOutboxEntries([6, 8, 10]));
    assert.deepEqual(await removable(), []);
    await house.close();
  });

  test(`${kind.name} - an entry that is no list of messages is named, and can be removed`, async () => {
    const house = await TestLedger.open(await kind.make(ENTITIES, directory));
    const { ledger } = house;
    const damaged = [
      '{broken',
      '',
      'null',
      '{}',
      '[null]',
      '[{"channel":1,"data":{}}]',
      '[{"channel":"/a","data":null}]',
    ];
    const ids = await house.submit(state => {
      const sound = putOutboxEntry(state, 1, message(1));
      const others = damaged.map(messages => {
        const id = state.next('agentOutbox');
        state.insert(agentOutbox, { id, userId: 1, at: state.now, messages });
        return id;
      });
      return [sound, ...others];
    });
    const found = await Array.fromAsync(findUnreadableEntries(ledger.reader));
    assert.deepEqual(
      found,
      ids.slice(1).map((id, place) => {
        const reason = place < 2 ? 'it is no JSON' : 'it is no list of messages';
        return `table agentOutbox, row ${id}: messages cannot be read: ${reason}`;
      }),
    );
    await ledger.submit(confirmOutboxEntries(ids.slice(1)));
    assert.deepEqual(await Array.fromAsync(findUnreadableEntries(ledger.reader)), []);
    assert.deepEqual((await house.rows(agentOutbox)).map(messagesIn), [message(1)]);
    await house.close();
  });
}
