import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineFault } from '../engine.ts';
import { faultOf, isAnswer, isRefusal } from './faults.ts';

const told = (code: string | undefined, message = 'said') => Object.assign(new Error(message), { code });

test('an error of PostgreSQL - is of the kind its code says, whatever the language of the server', () => {
  const kinds: readonly (readonly [kind: string, ...codes: (string | undefined)[]])[] = [
    ['full', '53100'],
    ['poison', '22P02', '22021', '23502', '23505', '54000', '42804'],
    ['fatal', 'XX001', 'XX002'],
    ['unavailable', '53200', '53300', '55P03', '57014', '57P01', '40001', '25006', '42501', '08006', 'XX000'],
    ['unavailable', undefined, 'ECONNREFUSED', 'EPIPE', 'ENOTFOUND'],
  ];
  for (const [kind, ...codes] of kinds)
    for (const code of codes) assert.equal(faultOf(told(code)).kind, kind, String(code));
  const fault = new EngineFault('aborted', 'known already');
  assert.equal(faultOf(fault), fault);
  assert.match(faultOf(told('22012', 'division by zero')).message, /a row is not there any more/);
});

test('what the server has answered - is told from what nobody knows the end of', () => {
  for (const code of ['23505', '57014', '57P01', '25P03', 'XX000', 'P0001']) assert.ok(isAnswer(told(code)), code);
  for (const code of [undefined, 'EPIPE', 'ECONNRESET', 'ETIMEDOUT']) assert.ok(!isAnswer(told(code)), String(code));
  for (const code of ['23505', '57014', '42P01']) assert.ok(isRefusal(told(code)), code);
  for (const code of ['57P01', '08006', '53300', '25P03', '28P01', 'EPIPE']) assert.ok(!isRefusal(told(code)), code);
});
