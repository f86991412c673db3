/** The vendor's desktops use CometD's own client: two of its generations, behind a balancer that knows nothing of sessions. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, type TestContext, test } from 'node:test';
import { CometD, type Message } from 'cometd';
import { adapt } from 'cometd-nodejs-client';
import { CHANNELS, PAIR } from '../conformance/genesys/desktop.ts';
import { AGENT1, authorizationOf, DONE, type Node, nodeOf } from '../conformance/genesys/node.ts';
import { startRoundRobin } from '../kit/roundRobin.ts';
import { until } from '../kit/until.ts';
import { nodesSeenBy, openPair } from './pair.ts';

/** It has no types of its own, and the same interface. */
const { CometD: CometD3 } = createRequire(import.meta.url)('cometd3') as { readonly CometD: typeof CometD };

const CLIENTS = [
  ['cometd 3.1.13', CometD3],
  ['cometd 9.0.0', CometD],
] as const;

/** A desktop that subscribes whenever it has shaken hands, as their manual says; what it is told in its order. */
async function open(
  context: TestContext,
  Kind: typeof CometD,
  node: Node,
): Promise<{ cometd: CometD; received: Message[] }> {
  adapt();
  const cometd = new Kind();
  context.after(() => cometd.disconnect());
  cometd.unregisterTransport('websocket');
  const requestHeaders = { Authorization: authorizationOf(AGENT1) };
  cometd.configure({ url: `${node.server.url}/api/v2/notifications`, logLevel: 'warn', requestHeaders });
  const received: Message[] = [];
  let subscribed = 0;
  cometd.addListener('/meta/handshake', ({ successful }) => {
    if (!successful) return;
    subscribed = 0;
    cometd.batch(() => {
      for (const channel of CHANNELS) {
        cometd.subscribe(
          channel,
          message => received.push(message),
          reply => {
            if (reply.successful) subscribed++;
          },
        );
      }
    });
  });
  cometd.handshake();
  await until('it has subscribed', () => (subscribed === CHANNELS.length ? true : undefined));
  return { cometd, received };
}

const isAcknowledgement = ({ data }: Message, handle: number): boolean =>
  [data.record?.recordHandle, data.userData?.GSW_RECORD_HANDLE].includes(handle) &&
  [data.notificationType, data.userData?.GSW_USER_EVENT].includes('RecordProcessedAcknowledge');

describe('behind a balancer that sends each request to the next server', { timeout: 1_800_000 }, () => {
  for (const [name, Kind] of CLIENTS) {
    test(`${name} - is told everything, also when the server of its session is killed`, async context => {
      const { a, b } = await openPair(context);
      await using balancer = await startRoundRobin([a.server.port, b.server.port]);
      const node = nodeOf({ ...a.server, url: balancer.url, port: balancer.port });
      const { cometd, received } = await open(context, Kind, node);
      const handles: number[] = [];
      const next = async () => {
        assert.deepEqual(await node.preview('GetPreviewRecord'), DONE);
        // What was not confirmed when a server died is told once more.
        const handle = await until('a record', () =>
          received
            .map(each => each.data.record?.recordHandle as number | undefined)
            .find(each => each !== undefined && !handles.includes(each)),
        );
        handles.push(handle);
        assert.deepEqual(await node.complete(handle, { callResult: 'Answered' }), DONE);
        const pair = await until('both messages', () => {
          const about = received.filter(each => isAcknowledgement(each, handle));
          return about.length >= 2 ? about : undefined;
        });
        assert.deepEqual(
          pair.map(each => each.channel),
          PAIR,
        );
      };
      await next();
      await next();
      const clientId = cometd.getClientId();
      const place = (await nodesSeenBy(a)).findIndex(({ number }) => clientId!.startsWith(`n${number}x`));
      await [a, b][place]!.server.kill();
      await until('it has shaken hands again', () =>
        cometd.getStatus() === 'connected' && cometd.getClientId() !== clientId ? true : undefined,
      );
      await next();
      assert.deepEqual(handles, [1, 2, 3]);
      assert.ok(balancer.answered.every(each => each > 3));
    });
  }
});
