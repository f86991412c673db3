import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desktop, resultOf } from './desktop.ts';
import { startNode } from './node.ts';

/** Table 3.1 by code. */
const NAMES = (
  'Ok Transferred Conferenced GeneralError SystemError RemoteRelease Busy NoAnswer SITDetected AnsweringMachine ' +
  'AllTrunksBusy SITInvalidNumber SITVacant SITOperator SITUnknown SITNoCircuit SITReorder FaxDetected QueueFull ' +
  'Cleared Overflowed Abandoned Redirected Forwarded Consult PickedUp Dropped DroppedNoAnswer Unknown Covered ' +
  'ConverseOn Bridged Silence Answer NuTone NoDialTone NoProgress NoRingBack NoEstablishedDetected PagerDetected ' +
  'WrongParty DialError CallDropError SwitchError NoFreePortError TransferError Stale AgentCallbackError ' +
  'GroupCallbackError Deafened Held DoNotCall CancelRecord WrongNumber'
).split(' ');

const ALIASES: Readonly<Record<number, readonly string[]>> = {
  9: ['AnsweringMachineDetected'],
  11: ['SitInvalidnum'],
  13: ['SITIntercept', 'SITOper', 'SITOperIntercept'],
  17: ['Fax'],
  25: ['Pickedup'],
  27: ['Droppednoanswer', 'DroppedOnNoAnswer'],
  28: ['UnknownCallResult'],
  33: ['Answered'],
  34: ['NUTone'],
  37: ['NoRingBackTone'],
  38: ['NoEstablished'],
  39: ['Pager'],
  42: ['DropError'],
  44: ['NoPortAvailable', 'NoFreePort'],
  47: ['AgentCallBackError'],
  48: ['GroupCallBackError'],
  52: ['Cancelled', 'Canceled'],
};

/** `AnsweringMachine` as people write it. */
const spaced = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ');

const node = await startNode(400);
const desktop = await Desktop.open(node);

/** Completes a record of its own with each, and has it acknowledged and kept with its code. */
async function assertTaken(given: readonly (readonly [callResult: unknown, code: number])[]): Promise<void> {
  for (const [callResult, code] of given) {
    const { handle, number } = await desktop.retrieve();
    assert.equal(resultOf(await desktop.complete(handle, { callResult })), code, String(callResult));
    const { callResultCode, callResult: name, recordStatus, resultFrom } = await node.recordOf(number);
    assert.deepEqual([callResultCode, name, resultFrom], [code, NAMES[code], 'agent']);
    assert.equal(recordStatus, code === 52 ? 5 : 3, 'finished, or taken out of the list');
  }
}

test('3.1 all results by name - acknowledged by number', async () => {
  assert.equal(NAMES.length, 54);
  await assertTaken(NAMES.map((name, code) => [name, code]));
});

test('3.1 all results by number', async () => {
  await assertTaken(NAMES.map((_, code) => [code, code]));
});

test('3.1 all results by digits', async () => {
  await assertTaken(NAMES.map((_, code) => [String(code), code]));
});

test('3.1 every other spelling that is known', async () => {
  await assertTaken(
    Object.entries(ALIASES).flatMap(([code, names]) => names.map(name => [name, Number(code)] as const)),
  );
});

test('3.1 all results in other letters, with blanks, hyphens and underscores', async () => {
  const writings = [
    (name: string) => name.toUpperCase(),
    (name: string) => spaced(name),
    (name: string) => spaced(name).replaceAll(' ', '_').toLowerCase(),
    (name: string) => ` ${spaced(name).replaceAll(' ', '-')} `,
  ];
  await assertTaken(NAMES.map((name, code) => [writings[code % writings.length]!(name), code]));
});
