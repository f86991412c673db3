/**
 * The vendor's desktops use CometD's own client: two of its generations, ten years apart, run the flow of docs/genesys.md,
 * case O1.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { CometD, type Message } from 'cometd';
import { adapt } from 'cometd-nodejs-client';
import { basic } from '../../kit/v1Client.ts';
import { CHANNELS, Desktop, PAIR } from './desktop.ts';
import { cookiesOf } from './exchange.ts';
import { AGENT1, AGENT2, authorizationOf, DONE, startNode } from './node.ts';

/** It has no types of its own, and the same interface. */
const { CometD: CometD3 } = createRequire(import.meta.url)('cometd3') as { readonly CometD: typeof CometD };

const node = await startNode(10);

const CLIENTS = [
  ['cometd 3.1.13', CometD3],
  ['cometd 9.0.0', CometD],
] as const;

/** Resolves with the message of a callback, which must be of a success. */
const succeeded = (what: string, run: (callback: (message: Message) => void) => void): Promise<Message> =>
  new Promise((resolve, reject) => {
    run(message => {
      if (message.successful) resolve(message);
      else reject(new Error(`${what}: ${JSON.stringify(message)}`));
    });
  });

interface Client {
  readonly cometd: CometD;
  /** What came, in its order. */
  readonly received: readonly Message[];
  /** Once there are so many. */
  toldSoMany(count: number): Promise<void>;
  /** The next reply to a connect. */
  connected(): Promise<Message>;
}

/** What a browser would send: a header with every request, or the cookies it has. */
interface Credentials {
  readonly authorization?: string;
  readonly cookies?: string;
}

/** A client with a jar of cookies of its own. */
function create(Kind: typeof CometD, { authorization, cookies = '' }: Credentials): CometD {
  const jar = new Map<string, string>();
  const store = (cookie: string) => jar.set(cookie.split('=')[0]!, cookie);
  if (cookies !== '') cookies.split('; ').forEach(store);
  adapt({
    cookies: {
      storeCookie(_uri, header, callback) {
        store(header.split(';')[0]!);
        callback(null, null);
      },
      retrieveCookies: (_context, _uri, callback) => callback(null, [...jar.values()]),
    },
  });
  const cometd = new Kind();
  cometd.unregisterTransport('websocket');
  cometd.configure({
    url: `${node.server.url}/api/v2/notifications`,
    logLevel: 'warn',
    requestHeaders: authorization === undefined ? {} : { Authorization: authorization },
  });
  return cometd;
}

/** Shakes hands, and subscribes in one batch. */
async function open(Kind: typeof CometD, credentials: Credentials): Promise<Client> {
  const cometd = create(Kind, credentials);
  const received: Message[] = [];
  let look = () => {};
  const listen = (message: Message) => {
    received.push(message);
    look();
  };
  const connected = () =>
    new Promise<Message>(resolve => {
      const listener = cometd.addListener('/meta/connect', message => {
        cometd.removeListener(listener);
        resolve(message);
      });
    });
  const firstConnect = connected();
  await succeeded('handshake', done => cometd.handshake(done));
  const subscriptions: Promise<Message>[] = [];
  cometd.batch(() => {
    for (const channel of CHANNELS) {
      subscriptions.push(succeeded(channel, done => void cometd.subscribe(channel, listen, done)));
    }
  });
  await Promise.all(subscriptions);
  assert.equal((await firstConnect).successful, true);
  return {
    cometd,
    received,
    connected,
    toldSoMany: count =>
      new Promise(resolve => {
        look = () => {
          if (received.length >= count) resolve();
        };
        look();
      }),
  };
}

for (const [name, Kind] of CLIENTS) {
  test(`B32 ${name} - handshake, a batch of subscriptions, a held connect, both messages, disconnect`, async () => {
    const { cometd, received, toldSoMany, connected } = await open(Kind, { authorization: authorizationOf(AGENT1) });
    await using hand = await Desktop.open(node, AGENT1, ['/v2/me/outbound']);
    const { handle, number } = await hand.retrieve();
    await toldSoMany(1);
    assert.equal(received[0]!.data.notificationType, 'PreviewRecord');
    const reply = connected();
    assert.deepEqual(await node.complete(handle, { callResult: 'Answered' }), DONE);
    await toldSoMany(3);
    assert.equal((await reply).successful, true);
    const [publicOne, internal] = received.slice(1) as [Message, Message];
    assert.deepEqual([publicOne.channel, internal.channel], PAIR);
    assert.deepEqual(publicOne.data, {
      record: {
        campaignName: 'Campaign1',
        devicePath: `/devices/${AGENT1.device}`,
        callingList: 'CallingList1',
        applicationId: 134,
        recordHandle: handle,
      },
      notificationType: 'RecordProcessedAcknowledge',
      messageType: 'OutboundRecordMessage',
      referenceId: '123456789',
    });
    assert.equal(internal.data.userData.GSW_CALL_RESULT, 33);
    assert.equal((await node.recordOf(number)).callResultCode, 33);
    await succeeded('disconnect', done => cometd.disconnect(done));
    assert.equal(cometd.isDisconnected(), true);
    assert.equal(received.length, 3);
  });

  test(`H4 ${name} with the cookie of a login and nothing else - the same`, async () => {
    const cookies = cookiesOf(await node.send('/me', { authorization: authorizationOf(AGENT2) }));
    const { cometd, received, toldSoMany } = await open(Kind, { cookies });
    await node.preview('StartPreviewSession', AGENT2);
    await node.preview('EndPreviewSession', AGENT2);
    await toldSoMany(2);
    assert.deepEqual(
      received.map(each => each.data.notificationType),
      ['PreviewSessionStarted', 'PreviewSessionEnded'],
    );
    await succeeded('disconnect', done => cometd.disconnect(done));
  });

  test(`B2 ${name} with a wrong password - told so, and does not try again`, async () => {
    const cometd = create(Kind, { authorization: basic('agent1', 'wrong') });
    const reply = await new Promise<Message>(resolve => cometd.handshake(resolve));
    assert.deepEqual([reply.successful, reply.error], [false, '403::Handshake denied']);
    assert.equal(cometd.isDisconnected(), true);
  });
}
