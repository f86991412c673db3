import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeCertificate } from '../../examples/certificate.ts';
import { selfSigned } from '../../test/cli/certificate.ts';
import { startRawSite, startSite } from '../outbound/testing/testSite.ts';
import { createNodeClient, type ForwardedRequest, forwardableHeaders, type NodeClient } from './nodeClient.ts';

const REQUEST: ForwardedRequest = {
  method: 'POST',
  path: '/api/v2/notifications/connect?a=%20b',
  headers: { 'content-type': 'application/json', cookie: 'a=1; b=2', authorization: 'Basic YTpi' },
  body: Buffer.from('[{"channel":"/meta/connect"}]'),
};
const NEVER = new AbortController().signal;

function open(t: TestContext, certificate: string | null = null): NodeClient {
  const client = createNodeClient(certificate);
  t.after(() => client.close());
  return client;
}

async function textOf(body: Readable): Promise<string> {
  let text = '';
  for await (const piece of body) text += piece;
  return text;
}

describe('a request to another node', () => {
  test('its answer - comes back as it is, cookies one by one', async t => {
    const bodies: Promise<string>[] = [];
    const site = await startSite(t, (request, response) => {
      bodies.push(textOf(request));
      response.writeHead(500, { 'set-cookie': ['a=1; Path=/', 'b=2'], 'x-other': 'y' }).end('{"as": "it is"}\n');
    });
    const { status, headers, body } = await open(t).ask(site.origin, REQUEST, NEVER);
    assert.deepEqual([status, headers['set-cookie'], headers['x-other']], [500, ['a=1; Path=/', 'b=2'], 'y']);
    assert.equal(await textOf(body), '{"as": "it is"}\n');
    const [requested] = site.requests;
    assert.deepEqual([requested!.method, requested!.url], ['POST', REQUEST.path]);
    for (const [name, value] of Object.entries(REQUEST.headers)) assert.equal(requested!.headers[name], value);
    assert.deepEqual(await Promise.all(bodies), [REQUEST.body.toString()]);
  });

  test('a connection that is cut before its answer - rejects, and is not asked again', async t => {
    const client = open(t);
    let requests = 0;
    const site = await startRawSite(t, socket => {
      socket.on('data', () => {
        requests++;
        socket.destroy();
      });
    });
    await assert.rejects(client.ask(site.origin, REQUEST, NEVER));
    assert.deepEqual([requests, site.connections.length], [1, 1]);
  });

  test('nobody there - rejects at once', async t => {
    await assert.rejects(open(t).ask('http://127.0.0.1:1', REQUEST, NEVER), { code: 'ECONNREFUSED' });
  });

  test('given up by who asked - ends at the other side, before its answer and within it', async t => {
    const client = open(t);
    const requested = Promise.withResolvers<void>();
    let isWithin = false;
    const site = await startSite(t, (_request, response) => {
      if (isWithin) response.writeHead(200).write('the beginning');
      requested.resolve();
    });
    const leaving = new AbortController();
    const answer = client.ask(site.origin, REQUEST, leaving.signal);
    await requested.promise;
    leaving.abort();
    await assert.rejects(answer);
    await site.closed(0);

    isWithin = true;
    const again = new AbortController();
    const { body } = await client.ask(site.origin, REQUEST, again.signal);
    await once(body, 'readable');
    again.abort();
    await assert.rejects(textOf(body));
    await site.closed(1);
  });

  test('an answer that nobody reads - can be thrown away, and can break', async t => {
    const client = open(t);
    const site = await startSite(t, (_request, response) => response.writeHead(403).write('the beginning'));
    const { body } = await client.ask(site.origin, REQUEST, NEVER);
    body.destroy();
    await site.closed(0);
    await client.ask(site.origin, REQUEST, NEVER);
    site.connections[1]!.destroy();
    await site.closed(1);
  });

  test('https - the certificate of this node is taken for its own whatever the name, a stranger’s is not', async t => {
    const own = selfSigned('node.example');
    const client = open(t, own.cert);
    const neighbour = await startSite(t, (_request, response) => response.end('ok'), own);
    const { body } = await client.ask(neighbour.origin, REQUEST, NEVER);
    assert.equal(await textOf(body), 'ok');
    const stranger = await startSite(t, (_request, response) => response.end('ok'), selfSigned('node.example'));
    await assert.rejects(client.ask(stranger.origin, REQUEST, NEVER));
    assert.equal(stranger.requests.length, 0);
  });

  test('https - whom Node was told to trust is trusted besides, by the name it was asked for', async t => {
    const company = makeCertificate(['127.0.0.1']);
    const elsewhere = makeCertificate(['node.example']);
    const before = getCACertificates('default');
    t.after(() => setDefaultCACertificates(before));
    setDefaultCACertificates([...before, company.ca, elsewhere.ca]);
    const client = open(t, selfSigned('other.example').cert);
    const neighbour = await startSite(t, (_request, response) => response.end('ok'), company);
    const { body } = await client.ask(neighbour.origin, REQUEST, NEVER);
    assert.equal(await textOf(body), 'ok');
    const misplaced = await startSite(t, (_request, response) => response.end('ok'), elsewhere);
    await assert.rejects(client.ask(misplaced.origin, REQUEST, NEVER), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});

test('headers - of one connection stay with it', () => {
  const headers = {
    connection: 'keep-alive',
    'transfer-encoding': 'chunked',
    host: 'a',
    expect: 'x',
    cookie: 'c',
    te: 'x',
  };
  assert.deepEqual(forwardableHeaders(headers), { cookie: 'c' });
  assert.deepEqual(forwardableHeaders({ 'set-cookie': ['a', 'b'], 'content-length': '5', accept: undefined }), {
    'set-cookie': ['a', 'b'],
    'content-length': '5',
  });
});
