import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrace } from './traceOfAnswers.ts';

const PORT = 8080;
const client = (port: number): string => `<TCP:[127.0.0.1:${PORT}->127.0.0.1:${port}]>`;
const WAL = '<aftercall.db-wal>';
const request = (pid: number, port: number, callId: string): string =>
  `${pid} 10:00:00.000001 read(20${client(port)}, "POST /yeastar/hq HTTP/1.1\\r\\n\\r\\n{\\"msg\\":\\"{\\\\\\"call_id\\\\\\":\\\\\\"${callId}\\\\\\"}\\"}", 65536) = 90`;
const answer = (pid: number, port: number): string =>
  `${pid} 10:00:00.000005 writev(20${client(port)}, [{iov_base="HTTP/1.1 200 OK\\r\\n\\r\\n", iov_len=19}], 1) = 19`;
const write = (callId: string): string =>
  `8 10:00:00.000002 pwrite64(9${WAL}, "\\0\\0${callId}0711000001", 4096, 56) = 4096`;
const SYNC = `8 10:00:00.000003 fdatasync(9${WAL}) = 0`;
const A = '1790197458.5215';
const B = '1790197459.5216';

test('trace of answers - write, sync, answer is right', () => {
  const report = readTrace([request(7, 5000, A), write(A), SYNC, answer(7, 5000)], PORT);
  assert.deepEqual(report, { batches: 1, logWrites: 1, answers: 1, faults: [], besideNextBatch: 0 });
});

test('trace of answers - an answer before its sync, without one, or before its write is found', () => {
  const faultsOf = (lines: string[]): string[] => readTrace(lines, PORT).faults.map(({ what }) => what);
  assert.deepEqual(faultsOf([request(7, 5000, A), write(A), answer(7, 5000), SYNC]), ['not synced']);
  assert.deepEqual(faultsOf([request(7, 5000, A), write(A), answer(7, 5000)]), ['not synced']);
  assert.deepEqual(faultsOf([request(7, 5000, A), SYNC, write(A), answer(7, 5000)]), ['not synced']);
  assert.deepEqual(faultsOf([request(7, 5000, A), answer(7, 5000), write(A), SYNC]), ['not written']);
  assert.deepEqual(
    faultsOf([request(7, 5000, A), request(7, 5001, B), write(A), SYNC, answer(7, 5000), answer(7, 5001)]),
    ['not written'],
    'the batch of another call does not count',
  );
  assert.deepEqual(
    faultsOf([request(7, 5000, A), write(A), SYNC.replace('= 0', '= -1 EIO (Input/output error)'), answer(7, 5000)]),
    ['not synced'],
  );
});

test('trace of answers - calls that other threads interrupt last from their beginning to their end', () => {
  const begun = `8 10:00:00.000003 fdatasync(9${WAL} <unfinished ...>`;
  const ended = '8 10:00:00.000009 <... fdatasync resumed>) = 0';
  assert.deepEqual(readTrace([request(7, 5000, A), write(A), begun, ended, answer(7, 5000)], PORT).faults, []);
  assert.deepEqual(
    readTrace([request(7, 5000, A), write(A), begun, answer(7, 5000), ended], PORT).faults.map(({ what }) => what),
    ['not synced'],
  );
  const [readBegun, readEnded] = [
    `7 10:00:00.000001 read(20${client(5000)},  <unfinished ...>`,
    request(7, 5000, A).replace(/read\(.*?>, /, '<... read resumed>'),
  ];
  const split = readTrace([readBegun, readEnded, write(A), begun, ended, answer(7, 5000)], PORT);
  assert.deepEqual([split.answers, split.faults.length], [1, 0]);
});

test('trace of answers - an answer beside the next batch is right when its own batch is synced', () => {
  const report = readTrace(
    [request(7, 5000, A), write(A), SYNC, request(7, 5001, B), write(B), answer(7, 5000), SYNC, answer(7, 5001)],
    PORT,
  );
  assert.deepEqual(report, { batches: 2, logWrites: 2, answers: 2, faults: [], besideNextBatch: 1 });
});
