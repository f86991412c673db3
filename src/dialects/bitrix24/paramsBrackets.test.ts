import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../../test/kit/linearCost.ts';
import { addPairs, BracketTree, decodePercents } from './paramsBrackets.ts';
import { DEPTH_MAX, ParamsProblem, VALUES_MAX } from './paramsLimits.ts';
import { type Plain, plainMap } from './testing/testParams.ts';

function read(text: string): Plain {
  const tree = new BracketTree();
  addPairs(tree, text);
  return plainMap(tree.params());
}

function refused(text: string): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof ParamsProblem, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: `${text.slice(0, 80)} was not refused` });
}

test('pairs - blanks, percents, empty values and equals signs in values', () => {
  assert.deepEqual(read('A=1&B=a+b%20c%2B&C=&D&E=https://pbx/r?x=1&&=5&'), {
    A: '1',
    B: 'a b c+',
    C: '',
    D: '',
    E: 'https://pbx/r?x=1',
  });
  assert.deepEqual(read(''), {});
  assert.deepEqual(read('A=1&A=2'), { A: '2' });
});

test('brackets - lists, maps and both, plain or as percents', () => {
  const expected = { USER_ID: ['1', '2'] };
  for (const text of [
    'USER_ID[0]=1&USER_ID[1]=2',
    'USER_ID[]=1&USER_ID[]=2',
    'USER_ID%5B0%5D=1&USER_ID%5b1%5d=2',
    'USER_ID=9&USER_ID[]=1&USER_ID[]=2',
  ]) {
    assert.deepEqual(read(text), expected, text);
  }
  assert.deepEqual(read('FILTER[>=CALL_START_DATE]=2026-01-01&FILTER[ID][]=1&FILTER[ID][]=2'), {
    FILTER: { '>=CALL_START_DATE': '2026-01-01', ID: ['1', '2'] },
  });
  assert.deepEqual(read('MESSAGES[0][SIDE]=User&MESSAGES[0][MESSAGE]=a&MESSAGES[1][SIDE]=Client'), {
    MESSAGES: [{ SIDE: 'User', MESSAGE: 'a' }, { SIDE: 'Client' }],
  });
});

test('brackets - an equals sign inside belongs to the name, unless they never close', () => {
  const expected = { FILTER: { '>=ID': '1', '!=X': 'a=b' } };
  assert.deepEqual(read('FILTER[>=ID]=1&FILTER[!=X]=a=b'), expected);
  assert.deepEqual(read('FILTER%5B%3E%3DID%5D=1&FILTER%5B!%3DX%5D=a=b'), expected);
  assert.deepEqual(read('A[b=1[&B=[c]=1&C[d]'), { 'A[b': '1[', B: '[c]=1', C: { d: '' } });
});

test('brackets - keys with gaps stay a map in the order sent, and [] goes on after the highest', () => {
  const tree = new BracketTree();
  addPairs(tree, 'A[5]=x&A[2]=y&A[]=z');
  const value = tree.params().get('A');
  assert.ok(value instanceof Map);
  assert.deepEqual(
    [...value],
    [
      ['5', 'x'],
      ['2', 'y'],
      ['6', 'z'],
    ],
  );
  assert.deepEqual(read('A[01]=x&A[]=y'), { A: { '01': 'x', 0: 'y' } });
});

test('brackets - a later value takes the place of an earlier one, whatever either was', () => {
  assert.deepEqual(read('A[b]=1&A=2'), { A: '2' });
  assert.deepEqual(read('A=2&A[b]=1'), { A: { b: '1' } });
  assert.deepEqual(read('A[b]=1&A[b][c]=2'), { A: { b: { c: '2' } } });
});

test('brackets - what PHP cannot take for them is a part of the name', () => {
  assert.deepEqual(read('A[b=1&]c=2&[d]=3&e]=4'), { 'A[b': '1', ']c': '2', '[d]': '3', 'e]': '4' });
  assert.deepEqual(read('A[b]rest=1&B[c][d=2&C[[x]]=3'), { A: { b: '1' }, B: { c: '2' }, C: { '[x': '3' } });
});

test('case 61 - a key keeps its dots, dashes and underscores', () => {
  assert.deepEqual(read('cmd[telephony.externalcall.register_1.2-x]=profile'), {
    cmd: { 'telephony.externalcall.register_1.2-x': 'profile' },
  });
});

test('keys - those of every object are keys like any other', () => {
  const tree = new BracketTree();
  addPairs(tree, '__proto__[x]=1&constructor=2&A[__proto__][toString]=3&A[hasOwnProperty]=4');
  assert.deepEqual([...tree.params().keys()], ['__proto__', 'constructor', 'A']);
  assert.equal(({} as { x?: unknown }).x, undefined);
});

test('percents - broken ones stay text, bytes that are no UTF-8 are replaced', () => {
  for (const [written, read] of [
    ['%D0%96', 'Ж'],
    ['100%', '100%'],
    ['%zz%41', '%zzA'],
    ['%4', '%4'],
    ['%%41', '%A'],
    ['%E9t%C3%A9', '\ufffdté'],
    ['Ж%FF', 'Ж\ufffd'],
    ['%F0%9F%98%80', '\u{1f600}'],
    ['%EF%BB%BFx%', '\ufeffx%'],
  ] as const) {
    assert.equal(decodePercents(written), read, written);
  }
});

test('bombs - depth, count and names are bounded', () => {
  assert.deepEqual(Object.keys(read(`A${'[a]'.repeat(DEPTH_MAX)}=1`) as object), ['A']);
  assert.match(refused(`A${'[a]'.repeat(DEPTH_MAX + 1)}=1`), /more than 64 levels deep/);
  assert.match(refused(`A${'[]'.repeat(1_000_000)}=1`), /name of a parameter has more than 1000 characters/);
  assert.match(refused(`${'%41'.repeat(1_001)}=1`), /more than 1000 characters/);
  assert.ok(read('A[]&'.repeat(VALUES_MAX)));
  assert.match(refused('A[]&'.repeat(VALUES_MAX + 1)), /more than 50000 values/);
  assert.match(refused('&'.repeat(10_000_000)), /more than 50000 values/);
});

test('bombs - megabytes of any sign take no longer than any text', () => {
  const size = 1 << 22;
  for (const filling of ['a', '&', '=', '%', '+', '[', ']', '[]', '%5B', '%FF', 'a=&', 'a[', 'é', '&a[0]']) {
    for (const head of ['', 'A=']) {
      try {
        read(head + filling.repeat(size / filling.length));
      } catch (error) {
        assert.ok(error instanceof ParamsProblem);
      }
      assertLinear(filling, read, head);
    }
  }
});
