import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExactNumber } from './body.ts';
import { Fault } from './errors.ts';
import { CAMPAIGN_OPERATIONS, RECORD_OPERATIONS, readHandle, readOperation, readParameters } from './parameters.ts';

const COMPLETE = {
  applicationId: 134,
  campaignName: 'Campaign1',
  callingList: 'CallingList1',
  devicePath: '/devices/42e3a1c6-fc5e-425b-9411-125f536fde00',
};

const read = (changes: Record<string, unknown>) =>
  readParameters(RECORD_OPERATIONS.CompleteRecord, { ...COMPLETE, ...changes });

function faultOf(work: () => unknown): { kind: string; message: string } {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return { kind: error.kind, message: error.message };
  }
  throw new Error('nothing was refused');
}

describe('parameters', () => {
  test('all required and none of the others - are enough', () => {
    assert.deepEqual(read({}), {
      ...COMPLETE,
      referenceId: undefined,
      callResult: undefined,
      phoneNumber: undefined,
    });
  });

  test('what is missing - is named, the first of the table first', () => {
    const names = ['applicationId', 'campaignName', 'callingList', 'devicePath'];
    for (const absent of [undefined, null, '', '  ']) {
      for (const [index, name] of names.entries()) {
        const later = Object.fromEntries(names.slice(index).map(each => [each, absent]));
        const { kind, message } = faultOf(() => read(later));
        assert.deepEqual({ kind, message }, { kind: 'missing', message: `${name} is missing` });
      }
    }
  });

  test('what is missing - is told before what is impossible', () => {
    const { message } = faultOf(() => read({ applicationId: 'x', devicePath: undefined }));
    assert.equal(message, 'devicePath is missing');
  });

  test('integers - may be digits in a string', () => {
    assert.equal(read({ applicationId: '134' }).applicationId, 134);
    assert.equal(read({ applicationId: 0 }).applicationId, 0);
    for (const applicationId of ['12abc', '-1', -1, 1.5, '1.0', 2 ** 31, '99999999999', true, {}, [134]]) {
      const { kind, message } = faultOf(() => read({ applicationId }));
      assert.equal(kind, 'invalid');
      assert.match(message, /^applicationId: /);
    }
  });

  test('texts - are strings of bounded length', () => {
    assert.equal(read({ campaignName: ' Campaign 1 ' }).campaignName, 'Campaign 1');
    assert.equal(read({ campaignName: 'a\0\ud800' }).campaignName, 'a\ufffd\ufffd');
    for (const campaignName of [1, {}, [], 'x'.repeat(256)]) {
      assert.equal(faultOf(() => read({ campaignName })).kind, 'invalid');
    }
  });

  test('O4, O5 - a call result is a name in any spelling, or a number', () => {
    for (const callResult of ['NoAnswer', 'no answer', 'NO_ANSWER', 7, '7']) {
      assert.equal(read({ callResult }).callResult, 7, String(callResult));
    }
    assert.equal(read({ callResult: 'answeringmachinedetected' }).callResult, 9);
    assert.equal(read({ callResult: 0 }).callResult, 0);
    assert.equal(read({ callResult: ' ' }).callResult, undefined);
  });

  test('O6 - a call result that does not exist is refused', () => {
    for (const callResult of ['Nonsense', 54, -1, true, {}]) {
      assert.match(faultOf(() => read({ callResult })).message, /^callResult: /);
    }
  });

  test('a reference - is any scalar, blank and null included', () => {
    for (const referenceId of ['123456789', '', ' x ', 42, -1.5, true, null, new ExactNumber('1.0')]) {
      assert.deepEqual(read({ referenceId }).referenceId, referenceId);
    }
    for (const referenceId of [{}, { digits: '1' }, [], 'x'.repeat(1025), new ExactNumber('1'.repeat(1025))]) {
      assert.match(faultOf(() => read({ referenceId })).message, /^referenceId: /);
    }
  });

  test('what an object inherits - is no parameter', () => {
    const inherited = Object.create(COMPLETE) as Record<string, unknown>;
    const shape = RECORD_OPERATIONS.CompleteRecord;
    assert.equal(faultOf(() => readParameters(shape, inherited)).message, 'applicationId is missing');
  });
});

describe('operations', () => {
  test('O9 - are spelled exactly', () => {
    assert.equal(readOperation({ operationName: 'CompleteRecord' }, RECORD_OPERATIONS), 'CompleteRecord');
    for (const operationName of ['completerecord', 'CompleteRecord ', 'AddRecord', 'toString', 1, {}]) {
      assert.equal(faultOf(() => readOperation({ operationName }, RECORD_OPERATIONS)).kind, 'invalid');
    }
    for (const body of [{}, { operationName: null }, { operationName: '' }]) {
      assert.deepEqual(
        faultOf(() => readOperation(body, CAMPAIGN_OPERATIONS)),
        { kind: 'missing', message: 'operationName is missing' },
      );
    }
  });
});

describe('handles', () => {
  test('O11 - are decimal digits and nothing else', () => {
    assert.equal(readHandle('12'), 12);
    assert.equal(readHandle('007'), 7);
    for (const segment of ['12abc', '-1', '+1', '', ' 1', '1.0', '0x10', '1e3', '٣', '9'.repeat(16)]) {
      assert.equal(faultOf(() => readHandle(segment)).kind, 'notFound', segment);
    }
  });
});
