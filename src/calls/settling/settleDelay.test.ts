/** How long a call waits for more before it settles (ARCHITECTURE.md, section 2). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { source } from '../../sources/entities.ts';
import { ENTITIES, finishOf, legOf, registrationOf, TestOffice } from '../testing/testOffice.ts';
import { statedCall, statedReport } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { settleSoon } from './settle.ts';

const open = () => TestOffice.open(memoryStore(ENTITIES));

const R = { token: 'T', start: 1 };
const FINISH = finishOf(R, { duration: 28 });
const LEG = legOf('1.1', { start: 0, duration: 30 });

describe('a call told by several', () => {
  test('a finish that no PBX has told of yet - waits half a minute for it', async () => {
    await using office = await open();
    office.wait(31);
    await office.tellAll(registrationOf(R), FINISH);
    assert.equal(await office.dueIn(1), 61);
    office.wait(40);
    await office.tell(LEG);
    assert.equal(await office.dueIn(1), 61, 'who is quick does not cut it short');
    office.wait(60);
    await office.tell(legOf('1.1', { start: 30, duration: 30, user: 2 }));
    assert.equal(await office.dueIn(1), 65);
  });

  test('a finish that is paired already - waits a second, and the leg its five', async () => {
    await using office = await open();
    office.wait(31);
    await office.tellAll(registrationOf(R), LEG);
    assert.equal(await office.dueIn(1), 36);
    office.wait(33);
    await office.tell(FINISH);
    assert.equal(await office.dueIn(1), 36);
    office.wait(35.5);
    await office.tell(finishOf({ ...R, token: 'U' }, { duration: 5 }));
    assert.equal(await office.dueIn(3), 65.5, 'there is no other leg');
  });

  test('a finish where no PBX is active - waits a second', async () => {
    await using office = await open();
    await office.on.submit(state => {
      for (const each of state.all(source)) if (each.kind === 'yeastar') state.put(source, { ...each, active: false });
    });
    office.wait(31);
    await office.tellAll(registrationOf(R), FINISH);
    assert.equal(await office.dueIn(1), 32);
  });

  test('a finish that names a recording - waits a minute, whether or not it is paired', async () => {
    await using office = await open();
    office.wait(31);
    await office.tellAll(LEG, registrationOf(R), { ...FINISH, awaitsRecording: true });
    const other = { token: 'other', start: 20, number: '+442079460199' };
    await office.tell(finishOf(other, { duration: 10, awaitsRecording: true }));
    assert.deepEqual([await office.dueIn(1), await office.dueIn(3)], [91, 91]);
  });

  test('a recording that has come - ends the wait for it, and none that others asked for', async () => {
    await using office = await open();
    const recorded = { ...FINISH, awaitsRecording: true };
    office.wait(31);
    await office.tellAll(registrationOf(R), recorded);
    office.wait(33);
    await office.on.submit(state => settleSoon(state, 1, 1_000, testSources));
    assert.equal(await office.dueIn(1), 61, 'the PBX may still tell of it');
    office.wait(34);
    await office.tell(LEG);
    await office.on.submit(state => settleSoon(state, 1, 1_000, testSources));
    assert.equal(await office.dueIn(1), 39, 'it has told of it, and may tell of another leg');
    await office.on.submit(state => settleSoon(state, 2, 1_000, testSources));
    assert.equal(await office.dueIn(1), 39, 'by either id');
    office.wait(50);
    await office.on.submit(state => settleSoon(state, 1, 1_000, testSources));
    assert.equal(await office.dueIn(1), 39, 'it is late already');
    await office.settleDue();
    await office.on.submit(state => settleSoon(state, 1, 1_000, testSources));
    await office.on.submit(state => settleSoon(state, 77, 1_000, testSources));
    assert.equal(await office.dueIn(1), null, 'what has settled stays so, and no call is no call');
  });

  test('what a program states beside it - waits for no PBX', async () => {
    await using office = await open();
    office.wait(31);
    await office.tellAll(LEG, registrationOf(R), { ...FINISH, awaitsRecording: true });
    await office.tell(statedReport(statedCall('x', { durationSeconds: 40 })));
    await office.join(1, 3);
    await office.on.submit(state => settleSoon(state, 1, 1_000, testSources));
    assert.equal(await office.dueIn(1), 36);
  });

  test('a call that vanishes - waits for nothing any more', async () => {
    await using office = await open();
    office.wait(31);
    await office.tell(legOf('1.1', { start: 0, duration: 30, user: 2 }));
    await office.tellAll(registrationOf(R), finishOf(R, { duration: 28, user: 2 }));
    assert.deepEqual(await office.groups(), [[1, 2]]);
    await office.settleAll();
    assert.deepEqual(
      (await office.told()).filter(each => each.startsWith('call.settled')),
      ['call.settled 1'],
    );
  });
});
