import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { defineEntity, integer } from './entity.ts';
import type { Reader } from './query.ts';
import { ClientGone, readerFor } from './readerFor.ts';

const row = defineEntity({ name: 'row', columns: { id: integer() }, key: ['id'] });

class Response extends EventEmitter {
  destroyed = false;
}

function counted(): { readonly reader: Reader; readonly asked: () => number } {
  let asked = 0;
  const answer = async () => {
    asked++;
    return [];
  };
  const reader: Reader = { select: answer, aggregate: answer, snapshot: work => work(reader) };
  return { reader, asked: () => asked };
}

test('a reader of a client - asks nothing more once the client has gone', async () => {
  const response = new Response();
  const { reader, asked } = counted();
  const own = readerFor(response, reader);
  await own.select({ from: row, limit: 1 });
  await own.aggregate({ from: row, groupBy: [], sum: [] });
  response.emit('close');
  await assert.rejects(own.select({ from: row, limit: 1 }), ClientGone);
  await assert.rejects(own.aggregate({ from: row, groupBy: [], sum: [] }), ClientGone);
  assert.equal(asked(), 2);
});

test('a reader of a client - that had gone before asks nothing at all', async () => {
  const response = new Response();
  response.destroyed = true;
  const { reader, asked } = counted();
  await assert.rejects(readerFor(response, reader).select({ from: row, limit: 1 }), ClientGone);
  assert.equal(asked(), 0);
});
