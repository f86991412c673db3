/** Desktops whose session one server holds, and whose requests go to any. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { JOBS } from '../../src/app/organisation.ts';
import { channelsOf, Desktop, kindsOf, PAIR } from '../conformance/genesys/desktop.ts';
import { cookiesOf } from '../conformance/genesys/exchange.ts';
import { AGENT1, AGENT2, authorizationOf, completing, DONE, type Node, nodeOf } from '../conformance/genesys/node.ts';
import { parseMetrics } from '../kit/metrics.ts';
import { startRoundRobin } from '../kit/roundRobin.ts';
import { startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { nodesSeenBy, openPair } from './pair.ts';

/** For all that leave both running. */
const pair = await openPair({ after });
const { a, b } = pair;

const UNKNOWN = { successful: false, error: '402::Unknown client' };

/** The same desktop, whose requests go to another server from now on. */
function movedTo(node: Node, desktop: Desktop): Desktop {
  const moved = new Desktop(node, desktop.agent);
  moved.clientId = desktop.clientId;
  return moved;
}

const heldAt = (node: Node, count: number) =>
  until(`${count} connects are held`, async () => {
    const metrics = parseMetrics(await (await fetch(`${node.server.url}/metrics`)).text());
    return metrics.get('aftercall_desktop_connects_held') === count ? true : undefined;
  });

describe('a session held by one server', () => {
  test('a record got there and completed through the other - is acknowledged on it, once', async () => {
    const { outboxEntries } = pair;
    const desktop = await Desktop.open(a);
    const { handle } = await desktop.retrieve();
    const held = desktop.connect();
    assert.deepEqual(await b.complete(handle, { referenceId: 'through the other' }), DONE);
    const received = await held;
    assert.deepEqual(channelsOf(received), [...PAIR, '/meta/connect']);
    assert.equal(received[0]!.data!['referenceId'], 'through the other');
    assert.deepEqual(channelsOf(await desktop.connect({ timeout: 0 })), ['/meta/connect']);
    // It has been confirmed: a session at the server that told it does not hear of it again.
    await until('it is not kept any more', async () => ((await outboxEntries()) === 0 ? true : undefined));
    const other = new Desktop(b);
    await other.handshake();
    assert.deepEqual(channelsOf(await other.subscribe('/**')), ['/meta/subscribe']);
  });

  test('what was not confirmed there - is told to the next session, at the other', async () => {
    const desktop = await Desktop.open(a);
    const { handle } = await desktop.retrieve();
    assert.deepEqual(await a.complete(handle), DONE);
    const next = new Desktop(b);
    await next.handshake();
    const received = await next.subscribe('/v2/me/*', '/me/internal');
    assert.deepEqual(
      channelsOf(received)
        .filter(each => !each.startsWith('/meta/'))
        .slice(-2),
      PAIR,
    );
    const stranger = await Desktop.open(b, AGENT2);
    assert.deepEqual(channelsOf(await stranger.connect({ timeout: 0 })), ['/meta/connect']);
  });

  test('all of its requests sent to the other - are answered as if it was there', async () => {
    const there = new Desktop(a);
    await there.handshake();
    assert.match(there.clientId, /^n\d+x[0-9a-f]{40}$/);
    const here = movedTo(b, there);
    await here.subscribe('/v2/me/*', '/me/internal');
    await here.connect({ timeout: 0 });
    const held = here.connect();
    const { handle } = await (async () => {
      assert.deepEqual(await b.preview('GetPreviewRecord'), DONE);
      const [received] = await held;
      return { handle: (received!.data!['record'] as { recordHandle: number }).recordHandle };
    })();
    const [received, internal] = await here.complete(handle);
    assert.deepEqual(channelsOf([received, internal]), PAIR);
    // A connect through either: the newest wins, and the others end as they do on one server.
    const older = [here, there].map(each => each.send([each.connecting()], '/connect'));
    assert.equal((await Promise.race(older)).status, 500);
    await there.connect({ timeout: 0 });
    assert.deepEqual(
      (await Promise.all(older)).map(each => each.status),
      [500, 500],
    );
    await here.disconnect();
    assert.deepEqual(
      (await there.post([there.connecting()])).map(({ successful, error }) => ({ successful, error })),
      [UNKNOWN],
    );
  });

  test('its cookie, and answers that are none - come back as they are', async () => {
    const login = await a.send('/me', { authorization: authorizationOf(AGENT1) });
    const cookie = cookiesOf(login);
    const shaken = await a.send('/notifications/handshake', {
      cookie,
      body: [{ channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] }],
    });
    const [{ clientId }] = JSON.parse(shaken.text);
    const connect = { channel: '/meta/connect', clientId, connectionType: 'long-polling', advice: { timeout: 0 } };
    const answers = await Promise.all(
      [a, b].map(each => each.send('/notifications/connect', { cookie, body: [connect] })),
    );
    const [direct, forwarded] = answers.map(({ headers: { date: _date, ...headers }, ...rest }) => ({
      ...rest,
      headers,
    }));
    assert.deepEqual(forwarded, direct);
    // With a password each time a session's cookie is given anew, by the server that checks it.
    const given = await b.send('/notifications', { authorization: authorizationOf(AGENT1), body: [connect] });
    assert.equal(given.headers['set-cookie']?.length, 1);
    const found = await a.send('/me', { cookie: cookiesOf(given) });
    assert.equal(JSON.parse(found.text).user.userName, 'agent1');
    // Nobody else's requests reach it, whichever way they come.
    for (const node of [a, b]) {
      const { text } = await node.send('/notifications', { authorization: authorizationOf(AGENT2), body: [connect] });
      assert.equal(JSON.parse(text)[0].error, UNKNOWN.error);
    }
    const crowd = Array.from({ length: 101 }, () => connect);
    assert.equal((await b.send('/notifications', { cookie, body: crowd })).status, 400);
  });

  test('messages of several clients in one body - belong to the first one’s, as on one server', async () => {
    const [atA, atB] = [await Desktop.open(a), await Desktop.open(b)];
    const requested = (desktop: Desktop) => desktop.message('/meta/subscribe', { subscription: '/v2/me/calls' });
    for (const [first, second] of [
      [atA, atB],
      [atB, atA],
    ] as const) {
      for (const node of [a, b]) {
        const answers = await movedTo(node, first).post([requested(first), requested(second)]);
        assert.deepEqual(
          answers.map(each => each.successful),
          [true, false],
        );
        assert.equal(answers[1]!.error, UNKNOWN.error);
      }
    }
    // A handshake is answered where it comes, whatever stands beside it.
    const [reply, ...others] = await movedTo(b, atA).post([{ ...HANDSHAKE_MESSAGE }, requested(atA)]);
    assert.equal(others.length, 0);
    const numbers = await nodesSeenBy(a);
    assert.ok(reply!.clientId!.startsWith(`n${numbers[1]!.number}x`));
  });

  test('more than two hundred confirmed there - make no room for themselves at the other', async context => {
    const { a, b, outboxEntries } = await openPair(context);
    const marker = await Desktop.open(b);
    const desktop = await Desktop.open(a, AGENT2, ['/me/internal']);
    // On a channel that the desktop has not subscribed to.
    assert.deepEqual(await a.preview('StartPreviewSession', AGENT2), DONE);
    for (let n = 0; n < 6; n++) {
      const told = Array.from({ length: 35 }, () => a.complete('999999', { referenceId: 'many' }, AGENT2));
      for (const each of await Promise.all(told)) assert.deepEqual(each, DONE);
      await until('all are confirmed', async () => {
        await desktop.connect({ timeout: 0 });
        return (await outboxEntries()) === 1 ? true : undefined;
      });
    }
    // The other is told in the order of the ledger: of all that, when it is told of this.
    await marker.complete(999998);
    await marker.disconnect();
    await until('it is confirmed', async () => ((await outboxEntries()) === 1 ? true : undefined));
    const next = new Desktop(b, AGENT2);
    await next.handshake();
    assert.deepEqual(kindsOf(await next.subscribe('/v2/me/*')), ['PreviewSessionStarted', '/meta/subscribe']);
    await next.disconnect();
    await desktop.disconnect();
    await until('it is not kept any more', async () => ((await outboxEntries()) === 0 ? true : undefined));
  });

  test('a client that goes away while it is held there - is away, and loses nothing', async () => {
    const desktop = await Desktop.open(a);
    const { handle } = await desktop.retrieve();
    const there = movedTo(b, desktop);
    const leaving = new AbortController();
    const held = there.send([there.connecting()], '/connect', leaving.signal);
    const gone = assert.rejects(held);
    await heldAt(a, 1);
    leaving.abort();
    await gone;
    await heldAt(a, 0);
    assert.deepEqual(await b.complete(handle), DONE);
    const back = await until('it is told', async () => {
      const received = await there.connect({ timeout: 0 });
      return received.length > 1 ? received : undefined;
    });
    assert.deepEqual(channelsOf(back), [...PAIR, '/meta/connect']);
    // The next connect confirms it.
    assert.deepEqual(channelsOf(await there.connect({ timeout: 0 })), ['/meta/connect']);
    await until('it is not kept any more', async () => ((await pair.outboxEntries()) === 0 ? true : undefined));
  });
});

const HANDSHAKE_MESSAGE = {
  channel: '/meta/handshake',
  version: '1.0',
  supportedConnectionTypes: ['long-polling'],
} as const;

describe('requests sent to either server in turn', () => {
  test('a desktop’s whole day - goes as on one server', async () => {
    await using balancer = await startRoundRobin([a.server.port, b.server.port]);
    const node = nodeOf({ ...a.server, url: balancer.url, port: balancer.port });
    const desktop = await Desktop.open(node);
    assert.deepEqual(await node.preview('StartPreviewSession'), DONE);
    assert.deepEqual(kindsOf(await desktop.connect()), ['PreviewSessionStarted', '/meta/connect']);
    for (let n = 0; n < 5; n++) {
      const { handle, number } = await desktop.retrieve();
      await desktop.complete(handle, { callResult: n % 2 === 0 ? 'Answered' : 'Busy' });
      assert.equal((await node.recordOf(number)).recordStatus, 3);
    }
    await desktop.disconnect();
    assert.ok(balancer.answered.every(each => each > 10));
  });
});

describe('a server that is killed', () => {
  test('its sessions - are told to shake hands, and everything goes on at the other', async context => {
    const { a, b } = await openPair(context);
    const cookie = cookiesOf(await a.send('/me', { authorization: authorizationOf(AGENT1) }));
    const desktop = await Desktop.open(a);
    const [first, second] = [await desktop.retrieve(), await desktop.retrieve()];
    const other = await Desktop.open(a, AGENT2);
    const direct = other.connect();
    const through = movedTo(b, desktop).connect();
    await heldAt(a, 2);
    const cut = assert.rejects(direct);
    await a.server.kill();
    await cut;
    const [reply] = await through;
    assert.deepEqual(
      { successful: reply!.successful, error: reply!.error, advice: reply!.advice },
      { ...UNKNOWN, advice: { reconnect: 'handshake', interval: 0 } },
    );
    // Completed by whom it was held, through the server that is left, before the desktop has a session again.
    assert.deepEqual(await b.complete(first.handle, { referenceId: 'meanwhile' }), DONE);
    const next = new Desktop(b);
    await next.handshake();
    const received = await next.subscribe('/v2/me/*', '/me/internal');
    const acknowledged = received.filter(each => each.data?.['notificationType'] === 'RecordProcessedAcknowledge');
    assert.deepEqual(
      acknowledged.map(each => each.data!['referenceId']),
      ['meanwhile'],
    );
    await next.connect({ timeout: 0 });
    await next.complete(second.handle);
    // Its login goes on as well.
    const again = await b.send('/me/outbound-records/1', { cookie, body: completing({}) });
    assert.equal(again.status, 200);
    assert.equal(JSON.parse((await b.send('/me', { cookie })).text).user.userName, 'agent1');
    await until('it is seen as dead', async () => {
      const [dead, alive] = await nodesSeenBy(b);
      return dead!.state === 'dead' && alive!.state === 'alive' && alive!.jobs.length === JOBS.length
        ? true
        : undefined;
    });
  });

  test('stopped in order - is not in the list any more, and its work is done by the other', async context => {
    const { a, b } = await openPair(context);
    const desktop = await Desktop.open(a);
    const through = movedTo(b, desktop).connect();
    await heldAt(a, 1);
    const [before] = await nodesSeenBy(b);
    assert.equal(before!.jobs.length, JOBS.length);
    await a.server.stop();
    const [reply] = await through;
    assert.equal(reply!.channel, '/meta/connect');
    await until('the other has taken over', async () => {
      const seen = await nodesSeenBy(b);
      return seen.length === 1 && seen[0]!.jobs.length === JOBS.length ? true : undefined;
    });
  });
});

describe('a server whose address leads nowhere, or to another one', () => {
  test('its sessions - are told to shake hands by the others, and go on where they are', async context => {
    const { a, b, options } = await openPair(context);
    for (const NODE_URL of ['http://127.0.0.1:1', a.server.url]) {
      await using lost = await startServer({ ...options, env: { ...options.env, NODE_URL } });
      const desktop = await Desktop.open(nodeOf(lost));
      await until('it is known', async () => {
        const known = (await nodesSeenBy(b)).some(each => desktop.clientId.startsWith(`n${each.number}x`) && each.url);
        return known || undefined;
      });
      for (const node of [a, b]) {
        const [reply] = await movedTo(node, desktop).connect();
        assert.deepEqual([reply!.error, reply!.advice?.['reconnect']], [UNKNOWN.error, 'handshake']);
        // Nothing would tell the client that only this server does not know it.
        const subscribing = desktop.message('/meta/subscribe', { subscription: '/v2/me/calls' });
        assert.equal((await movedTo(node, desktop).send([subscribing])).status, 503);
      }
      assert.deepEqual(channelsOf(await desktop.connect({ timeout: 0 })), ['/meta/connect']);
    }
    for (const said of ['node unreachable', 'forwarded request refused']) {
      await until(`it says: ${said}`, () => b.server.output.includes(said) || undefined);
    }
  });
});

describe('a request that claims to be forwarded by another server', () => {
  test('forged, or for somebody else - is refused, and does nothing', async () => {
    const desktop = await Desktop.open(a);
    const number = (await nodesSeenBy(a))[0]!.number;
    const said = { from: number + 1, to: number, at: Date.now(), address: '127.0.0.1', secure: true };
    const forwardingToken = Buffer.from(JSON.stringify(said)).toString('base64url');
    for (const header of [
      '',
      'true',
      forwardingToken,
      `${forwardingToken}.`,
      `${forwardingToken}.${'A'.repeat(43)}`,
      'x'.repeat(5_000),
    ]) {
      const answer = await fetch(`${a.server.url}/api/v2/notifications/connect`, {
        method: 'POST',
        headers: {
          authorization: authorizationOf(AGENT1),
          'content-type': 'application/json',
          'aftercall-forwarded': header,
        },
        body: JSON.stringify([desktop.connecting({ timeout: 0 })]),
      });
      assert.equal(answer.status, 403, header.slice(0, 50));
      assert.deepEqual(await answer.json(), { statusCode: 20, statusMessage: 'Access denied' });
      assert.equal(answer.headers.get('set-cookie'), null);
    }
    assert.deepEqual(channelsOf(await desktop.connect({ timeout: 0 })), ['/meta/connect']);
  });
});
