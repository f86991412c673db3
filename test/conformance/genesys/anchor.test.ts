import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertSince } from '../../kit/assertSince.ts';
import { Desktop, kindsOf, type Message } from './desktop.ts';
import { AGENT1, AGENT2, authorizationOf, startNode } from './node.ts';
import { dialled } from './pbx.ts';

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

/** The vendor's samples were printed by Python. */
const asJson = (printed: string): string => printed.replaceAll("'", '"').replaceAll('True', 'true');

/** The request as the page prints it; one letter of the device in it was misread. */
const REQUEST = fixture('completeRecordRequest.txt');
const LINE = REQUEST.slice(0, REQUEST.indexOf('\n'));
const PATH = LINE.replace('POST /api/v2', '');
const BODY = asJson(REQUEST.slice(LINE.length)).trim().replace('42e3alc6', '42e3a1c6');

/**
 * The answer as the page prints it, and as JSON in the order in which a server writes it (docs/genesys.md, section 2.5).
 */
const PRINTED: readonly Message[] = JSON.parse(asJson(fixture('completeRecordMessages.txt')));
const WRITTEN: readonly Message[] = JSON.parse(fixture('completeRecordMessagesAsJson.txt'));

interface Processing {
  serverGenerationTimestamp: number;
  nodeProcessingTimeNanos: number;
  serverProcessingTimeTotalMs: number;
}
const processingOf = (received: readonly Message[]): Processing =>
  (received[1]!.data!['metrics'] as { eventProcessing: Processing }).eventProcessing;

const node = await startNode(20);

test('O1 the request of the document - twelve records retrieved, the twelfth answered: three messages to the byte', async () => {
  assert.equal(PATH, '/me/outbound-records/12');
  const desktop = await Desktop.open(node);
  const other = await Desktop.open(node, AGENT2);
  const records = [];
  for (let n = 1; n <= 12; n++) records.push(await desktop.retrieve());
  assert.deepEqual(
    records.map(each => each.handle),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  );
  const twelfth = records[11]!;
  // The list says +44 20 7946 0012, the agent dialled as one does in London.
  const call = await dialled(node, { to: twelfth.number.replace('+44', '0'), status: 'ANSWERED' });
  assert.equal((await node.recordOf(twelfth.number)).callResultCode, 33);

  const held = desktop.connectText({ id: '19' });
  const heldByOther = other.connect();
  await node.send('/diagnostics/version');
  const before = Date.now();
  const answer = await node.send(PATH, { body: BODY, authorization: authorizationOf(AGENT1) });
  assert.deepEqual([answer.status, answer.text], [200, '{"statusCode":0}']);

  const text = await held;
  const received = JSON.parse(text) as readonly Message[];
  const measured = processingOf(received);
  assert.deepEqual(Object.keys(measured), Object.keys(processingOf(WRITTEN)));
  assertSince(measured.serverGenerationTimestamp, before);
  assert.ok(measured.nodeProcessingTimeNanos > 0);
  assert.equal(measured.serverProcessingTimeTotalMs, Math.round(measured.nodeProcessingTimeNanos / 1e6));
  Object.assign(processingOf(WRITTEN), measured);
  Object.assign(processingOf(PRINTED), measured);
  assert.equal(text, JSON.stringify(WRITTEN));
  assert.deepEqual(received, PRINTED);
  await node.preview('StartPreviewSession', AGENT2);
  assert.deepEqual(kindsOf(await heldByOther), ['PreviewSessionStarted', '/meta/connect'], 'only what is theirs');

  const { recordStatus, callResultCode, resultFrom, callId } = await node.recordOf(twelfth.number);
  assert.deepEqual([recordStatus, callResultCode, resultFrom, callId], [3, 33, 'call', call.id]);
  const detail = await node.v1.call(call.id);
  assert.ok(detail.reports.some(each => each.kind === 'genesys.CompleteRecord' && each.raw === BODY));
});
