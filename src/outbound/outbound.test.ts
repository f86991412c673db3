import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { selfSigned } from '../../test/cli/certificate.ts';
import {
  createOutbound,
  type FetchedBytes,
  type FetchOptions,
  type Outbound,
  type OutboundOptions,
} from './outbound.ts';
import { startRawSite, startSite } from './testing/testSite.ts';

const LIMITS: FetchOptions = { maxBytes: 100_000, timeoutMs: 20_000, accept: 'audio/*' };

function open(t: TestContext, options: Partial<OutboundOptions> = {}): Outbound {
  const outbound = createOutbound({ allow: () => ['127.0.0.1'], ...options });
  t.after(() => outbound.close());
  return outbound;
}

async function text({ body }: FetchedBytes): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

describe('fetchBytes', () => {
  test('an answer - comes with its status, its type and its bytes', async t => {
    const site = await startSite(t, (_, response) => {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('gone');
    });
    const answer = await open(t).fetchBytes(`${site.origin}/a?b=c#d`, LIMITS);
    assert.deepEqual(
      [answer.status, answer.contentType, answer.finalUrl, await text(answer)],
      [404, 'text/plain', `${site.origin}/a?b=c`, 'gone'],
    );
    const [{ url, method, headers }] = site.requests as [(typeof site.requests)[number]];
    assert.deepEqual([method, url], ['GET', '/a?b=c']);
    assert.deepEqual(
      { ...headers },
      {
        host: `127.0.0.1:${site.port}`,
        accept: 'audio/*',
        'accept-encoding': 'identity',
        'user-agent': 'Aftercall',
        connection: 'close',
      },
    );
  });

  test('an answer without a type and without a body - is null and nothing', async t => {
    const site = await startSite(t, (_, response) => response.writeHead(204).end());
    const answer = await open(t).fetchBytes(site.origin, LIMITS);
    assert.deepEqual([answer.status, answer.contentType, await text(answer)], [204, null, '']);
  });

  test('nobody listens - is a failed connection', async t => {
    const site = await startSite(t, () => {});
    const other = await startRawSite(t, socket => socket.destroy());
    await assert.rejects(open(t).fetchBytes(other.origin, LIMITS), { name: 'OutboundFailed', reason: 'connection' });
    // A port that was just given back.
    site.server.close();
    await once(site.server, 'close');
    await assert.rejects(open(t).fetchBytes(site.origin, LIMITS), {
      name: 'OutboundFailed',
      reason: 'connection',
      message: /ECONNREFUSED/,
    });
  });

  test('an address that is not allowed - is refused without a connection', async t => {
    const site = await startSite(t, (_, response) => response.end());
    await assert.rejects(open(t, { allow: () => [] }).fetchBytes(site.origin, LIMITS), {
      name: 'OutboundRefused',
      reason: 'address',
    });
    assert.equal(site.connections.length, 0);
  });
});

describe('names', () => {
  test('a name - is resolved once for each connection, and the connection goes where the answer said', async t => {
    const site = await startSite(t, (request, response) => response.end(request.headers.host));
    const resolved: string[] = [];
    const outbound = open(t, {
      resolve: async host => {
        resolved.push(host);
        return ['127.0.0.1'];
      },
    });
    assert.equal(
      await text(await outbound.fetchBytes(`http://Recorder.Example.:${site.port}/`, LIMITS)),
      `recorder.example:${site.port}`,
    );
    assert.deepEqual(resolved, ['recorder.example']);
  });

  test('a resolver that rebinds - is believed only where the answer may be reached', async t => {
    const site = await startSite(t, (_, response) => response.end('once'));
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1', '10.0.0.1'], ['10.0.0.1', '127.0.0.1'], ['127.0.0.1']];
    const outbound = open(t, { resolve: async () => answers.shift() ?? [] });
    const url = `http://rebind.example:${site.port}/`;
    assert.equal(await text(await outbound.fetchBytes(url, LIMITS)), 'once');
    for (let n = 0; n < 3; n++) {
      await assert.rejects(outbound.fetchBytes(url, LIMITS), { name: 'OutboundRefused', reason: 'address' });
    }
    assert.equal(site.connections.length, 1);
    assert.equal(await text(await outbound.fetchBytes(url, LIMITS)), 'once');
    await assert.rejects(outbound.fetchBytes(url, LIMITS), { name: 'OutboundFailed', reason: 'name' });
  });

  test('a name with an address that does not answer - is reached at the other', async t => {
    const site = await startSite(t, (_, response) => response.end('here'));
    const outbound = open(t, { allow: () => ['127.0.0.0/8'], resolve: async () => ['127.0.0.9', '127.0.0.1'] });
    assert.equal(await text(await outbound.fetchBytes(`http://two.example:${site.port}/`, LIMITS)), 'here');
  });

  test('the resolver of the system - is asked when no other is given', async t => {
    const outbound = open(t);
    await assert.rejects(outbound.fetchBytes('http://nowhere.invalid/', LIMITS), {
      name: 'OutboundFailed',
      reason: 'name',
    });
    const site = await startSite(t, (_, response) => response.end('here'));
    const friendly = open(t, { allow: () => ['localhost'] });
    assert.equal(await text(await friendly.fetchBytes(`http://localhost:${site.port}/`, LIMITS)), 'here');
  });

  test('a resolver that fails or never answers - is a failure, and does not outlast the time given', async t => {
    const failing = open(t, { resolve: async () => Promise.reject(new Error('no resolver')) });
    await assert.rejects(failing.fetchBytes('http://a.example/', LIMITS), { name: 'OutboundFailed' });
    const silent = open(t, { resolve: () => new Promise(() => {}) });
    await assert.rejects(silent.fetchBytes('http://a.example/', { ...LIMITS, timeoutMs: 50 }), {
      name: 'OutboundFailed',
      reason: 'timeout',
    });
  });
});

describe('a connection that comes too late', () => {
  test('is not asked anything any more', async t => {
    const connected = Promise.withResolvers<void>();
    const site = await startSite(t, (_, response) => response.end('late'));
    const found = Promise.withResolvers<readonly string[]>();
    const outbound = open(t, { resolve: () => found.promise });
    const late = outbound.fetchBytes(`http://late.example:${site.port}/`, { ...LIMITS, timeoutMs: 50 });
    await assert.rejects(late, { reason: 'timeout' });
    site.server.once('connection', () => connected.resolve());
    found.resolve(['127.0.0.1']);
    await connected.promise;
    await outbound.close();
    await site.closed(0);
    assert.equal(site.requests.length, 0);
  });
});

describe('redirects', () => {
  test('up to five - are followed, relative ones too', async t => {
    const site = await startSite(t, (request, response) => {
      const n = Number(request.url?.slice(1));
      if (n === 5) response.end('there');
      else response.writeHead([301, 302, 303, 307, 308][n]!, { location: `${n + 1}` }).end('on and on');
    });
    const answer = await open(t).fetchBytes(`${site.origin}/0`, LIMITS);
    assert.deepEqual([answer.finalUrl, await text(answer)], [`${site.origin}/5`, 'there']);
    assert.equal(site.requests.length, 6);
  });

  test('one more - is too many', async t => {
    const site = await startSite(t, (_, response) => response.writeHead(302, { location: '/' }).end());
    const outbound = open(t);
    await assert.rejects(outbound.fetchBytes(site.origin, LIMITS), { name: 'OutboundFailed', reason: 'redirects' });
    assert.equal(site.requests.length, 6);
    await assert.rejects(outbound.fetchBytes(site.origin, { ...LIMITS, maxRedirects: 0 }), { reason: 'redirects' });
    assert.equal(site.requests.length, 7);
  });

  test('to a private address, by number or by name - are refused without a connection', async t => {
    const hidden = await startSite(t, (_, response) => response.end('secret'));
    let location = '';
    const site = await startSite(t, (_, response) => response.writeHead(307, { location }).end());
    const outbound = open(t, { allow: () => [`127.0.0.1:${site.port}`], resolve: async () => ['127.0.0.1'] });
    for (const host of ['127.0.0.1', 'inside.example', '[::ffff:127.0.0.1]', '2130706433']) {
      location = `http://${host}:${hidden.port}/`;
      await assert.rejects(outbound.fetchBytes(site.origin, LIMITS), { name: 'OutboundRefused', reason: 'address' });
    }
    assert.equal(hidden.connections.length, 0);
  });

  test('to the same name - ask the resolver again, and believe it no more than before', async t => {
    const site = await startSite(t, (_, response) => response.writeHead(302, { location: '/again' }).end());
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    const outbound = open(t, { resolve: async () => answers.shift() ?? [] });
    await assert.rejects(outbound.fetchBytes(`http://rebind.example:${site.port}/`, LIMITS), { reason: 'address' });
    assert.deepEqual(answers, []);
    assert.equal(site.connections.length, 1);
  });

  test('a redirect that says not where to - is an answer', async t => {
    const site = await startSite(t, (_, response) => response.writeHead(302).end('nowhere'));
    const answer = await open(t).fetchBytes(site.origin, LIMITS);
    assert.deepEqual([answer.status, await text(answer)], [302, 'nowhere']);
  });
});

describe('https', () => {
  const recorder = selfSigned('recorder.example');

  test('the certificate - must be for the name, though an address is what we connect to', async t => {
    const site = await startSite(t, (_, response) => response.end('sealed'), recorder);
    const outbound = open(t, { ca: recorder.cert, resolve: async () => ['127.0.0.1'] });
    const answer = await outbound.fetchBytes(`https://recorder.example:${site.port}/`, LIMITS);
    assert.equal(await text(answer), 'sealed');
    await assert.rejects(outbound.fetchBytes(`https://other.example:${site.port}/`, LIMITS), {
      name: 'OutboundFailed',
      reason: 'tls',
    });
    assert.equal(site.requests.length, 1);
  });

  test('a certificate nobody knows - is not enough', async t => {
    const site = await startSite(t, (_, response) => response.end('sealed'), recorder);
    const outbound = open(t, { resolve: async () => ['127.0.0.1'] });
    await assert.rejects(outbound.fetchBytes(`https://recorder.example:${site.port}/`, LIMITS), {
      name: 'OutboundFailed',
      reason: 'tls',
    });
  });

  test('a redirect to http - is refused', async t => {
    const plain = await startSite(t, (_, response) => response.end('open'));
    const site = await startSite(
      t,
      (_, response) => response.writeHead(302, { location: plain.origin }).end(),
      recorder,
    );
    const outbound = open(t, { ca: recorder.cert, resolve: async () => ['127.0.0.1'] });
    await assert.rejects(outbound.fetchBytes(`https://recorder.example:${site.port}/`, LIMITS), {
      name: 'OutboundRefused',
      reason: 'downgrade',
    });
    assert.equal(plain.connections.length, 0);
  });
});

describe('bounds', () => {
  test('a body of exactly the size - is taken, one byte more is not', async t => {
    const site = await startSite(t, (request, response) => {
      if (request.url === '/chunked') response.write('x'.repeat(50_000));
      response.end('x'.repeat(request.url === '/chunked' ? 50_001 : 100_000));
    });
    const outbound = open(t);
    assert.equal((await text(await outbound.fetchBytes(site.origin, LIMITS))).length, 100_000);
    const chunked = await outbound.fetchBytes(`${site.origin}/chunked`, LIMITS);
    await assert.rejects(text(chunked), { name: 'OutboundFailed', reason: 'too_large' });
  });

  test('a body that announces more - is not begun', async t => {
    const site = await startSite(t, (_, response) => response.writeHead(200, { 'content-length': 100_001 }).write('x'));
    await assert.rejects(open(t).fetchBytes(site.origin, LIMITS), { name: 'OutboundFailed', reason: 'too_large' });
    await site.closed(0);
  });

  test('a body without an end - is left at the limit, and the connection with it', async t => {
    const site = await startSite(t, (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more);
      more();
    });
    const answer = await open(t).fetchBytes(site.origin, LIMITS);
    await assert.rejects(text(answer), { name: 'OutboundFailed', reason: 'too_large' });
    await site.closed(0);
  });

  test('headers without an end - are left', async t => {
    const site = await startRawSite(t, socket => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = () => {
        while (!socket.destroyed && socket.write(`x-filler: ${'y'.repeat(1_000)}\r\n`));
      };
      socket.on('drain', more);
      more();
    });
    await assert.rejects(open(t).fetchBytes(site.origin, LIMITS), { name: 'OutboundFailed', reason: 'too_large' });
  });

  for (const [what, begin] of [
    ['nothing', ''],
    ['headers byte by byte', 'HTTP/1.1 200 OK\r\nx-filler: '],
    ['a body byte by byte', 'HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n'],
    ['interim answers', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ] as const) {
    test(`a server that sends ${what} - is left when the time is over`, async t => {
      const site = await startRawSite(t, socket => {
        socket.write(begin);
        const drip = setInterval(() => socket.write(what === 'interim answers' ? begin : 'x'), 10);
        if (what === 'nothing') clearInterval(drip);
        socket.on('close', () => clearInterval(drip));
      });
      const whole = open(t)
        .fetchBytes(site.origin, { ...LIMITS, timeoutMs: 200 })
        .then(text);
      await assert.rejects(whole, { name: 'OutboundFailed', reason: 'timeout' });
      await site.closed(0);
    });
  }

  test('redirects that take their time - share the time of one exchange', async t => {
    const site = await startSite(t, (_, response) => {
      setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60);
    });
    await assert.rejects(open(t).fetchBytes(site.origin, { ...LIMITS, timeoutMs: 150 }), { reason: 'timeout' });
    assert.ok(site.requests.length < 6);
  });

  test('a body that nobody reads - is left when the time is over', async t => {
    const site = await startSite(t, (_, response) => response.writeHead(200).write('x'));
    // Long enough for the headers to come, also on a machine with much else to do.
    const answer = await open(t).fetchBytes(site.origin, { ...LIMITS, timeoutMs: 2_000 });
    await site.closed(0);
    await assert.rejects(text(answer), { name: 'OutboundFailed', reason: 'timeout' });
  });

  test('a body cut short - is a failure, not a shorter body', async t => {
    for (const head of ['content-length: 100', 'transfer-encoding: chunked']) {
      const site = await startRawSite(t, socket => {
        socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n5\r\nhello\r\n`);
      });
      const answer = await open(t).fetchBytes(site.origin, LIMITS);
      await assert.rejects(text(answer), { name: 'OutboundFailed', reason: 'connection' }, head);
    }
  });

  test('a compressed body - was not asked for', async t => {
    for (const encoding of ['gzip', 'br', 'identity, gzip']) {
      const site = await startSite(t, (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end());
      await assert.rejects(open(t).fetchBytes(site.origin, LIMITS), { name: 'OutboundFailed', reason: 'encoding' });
    }
    const plain = await startSite(t, (_, response) =>
      response.writeHead(200, { 'content-encoding': 'Identity' }).end(),
    );
    assert.equal(await text(await open(t).fetchBytes(plain.origin, LIMITS)), '');
  });

  test('what is not HTTP - is said to be', async t => {
    const site = await startRawSite(t, socket => socket.end('220 mail.example ESMTP\r\n'));
    await assert.rejects(open(t).fetchBytes(site.origin, LIMITS), { name: 'OutboundFailed', reason: 'protocol' });
  });
});

describe('giving up', () => {
  test('discard - closes the connection', async t => {
    const site = await startSite(t, (_, response) => response.writeHead(200).write('x'));
    const { discard } = await open(t).fetchBytes(site.origin, LIMITS);
    discard();
    await site.closed(0);
  });

  test('a reader that stops - closes the connection', async t => {
    const site = await startSite(t, (_, response) => response.writeHead(200).write('x'));
    for await (const _ of (await open(t).fetchBytes(site.origin, LIMITS)).body) break;
    await site.closed(0);
  });

  test('a signal - stops an exchange before and within its answer', async t => {
    const requested = Promise.withResolvers<void>();
    const site = await startSite(t, (request, response) => {
      if (request.url === '/body') response.writeHead(200).write('x');
      requested.resolve();
    });
    const outbound = open(t);
    const before = new AbortController();
    const waiting = outbound.fetchBytes(site.origin, { ...LIMITS, signal: before.signal });
    await requested.promise;
    before.abort();
    await assert.rejects(waiting, { name: 'OutboundFailed', reason: 'stopped' });
    const within = new AbortController();
    const answer = await outbound.fetchBytes(`${site.origin}/body`, { ...LIMITS, signal: within.signal });
    within.abort();
    await assert.rejects(text(answer), { name: 'OutboundFailed', reason: 'stopped' });
    await assert.rejects(outbound.fetchBytes(site.origin, { ...LIMITS, signal: within.signal }), { reason: 'stopped' });
    assert.equal(site.connections.length, 2);
  });

  test('close - stops what is under way, and nothing begins after it', async t => {
    const requested = Promise.withResolvers<void>();
    const site = await startSite(t, () => requested.resolve());
    const outbound = createOutbound({ allow: () => ['127.0.0.1'] });
    const waiting = assert.rejects(outbound.fetchBytes(site.origin, LIMITS), { reason: 'stopped' });
    await requested.promise;
    await outbound.close();
    await waiting;
    await assert.rejects(outbound.fetchBytes(site.origin, LIMITS), { reason: 'stopped' });
    assert.equal(site.requests.length, 1);
  });

  test('an error - does not repeat the URL', async t => {
    const site = await startSite(t, (_, response) => response.destroy());
    for (const allow of [[], ['127.0.0.1']]) {
      await assert.rejects(
        open(t, { allow: () => allow }).fetchBytes(`${site.origin}/a?token=hunter2`, LIMITS),
        (error: Error) => !error.message.includes('hunter2') && !error.message.includes('127.0.0.1'),
      );
    }
  });
});
