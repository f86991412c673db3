import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from './configError.ts';
import { readEnvironment, type Variables } from './environment.ts';

function sentences(variables: Variables): readonly string[] {
  try {
    readEnvironment(variables);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.message, error.problems.join('\n'));
    return error.problems;
  }
}

describe('readEnvironment', () => {
  test('nothing set - has defaults', () => {
    const defaults = {
      host: '127.0.0.1',
      port: 8080,
      dataDir: './data',
      database: { kind: 'sqlite', path: 'data/aftercall.db' },
      publicUrl: null,
      nodeUrl: null,
      tls: null,
      logLevel: 'info',
    };
    assert.deepEqual(readEnvironment({}), defaults);
    assert.deepEqual(readEnvironment({ HOST: '', PORT: ' ', DATABASE_URL: '', TLS_CERT: '' }), defaults);
  });

  test('everything set - is taken', () => {
    assert.deepEqual(
      readEnvironment({
        HOST: '[::]',
        PORT: '0',
        DATA_DIR: '/var/lib/aftercall',
        DATABASE_URL: 'memory:',
        PUBLIC_URL: 'https://calls.example.org/aftercall/',
        NODE_URL: 'http://10.0.0.7:8080/',
        TLS_CERT: 'cert.pem',
        TLS_KEY: 'key.pem',
        LOG_LEVEL: 'DEBUG',
      }),
      {
        host: '::',
        port: 0,
        dataDir: '/var/lib/aftercall',
        database: { kind: 'memory' },
        publicUrl: 'https://calls.example.org/aftercall',
        nodeUrl: 'http://10.0.0.7:8080',
        tls: { certPath: 'cert.pem', keyPath: 'key.pem' },
        logLevel: 'debug',
      },
    );
  });

  test('DATABASE_URL - names a file with or without slashes', () => {
    const path = (url: string) => {
      const { database } = readEnvironment({ DATABASE_URL: url });
      return database.kind === 'sqlite' ? database.path : null;
    };
    assert.equal(path('sqlite:calls.db'), 'calls.db');
    assert.equal(path('sqlite:/srv/calls.db'), '/srv/calls.db');
    assert.equal(path('sqlite:///srv/calls.db'), '/srv/calls.db');
  });

  test('what is wrong - is one sentence each, all at once', () => {
    assert.deepEqual(
      sentences({ HOST: 'a b', PORT: '80a', PUBLIC_URL: 'calls.example.org', TLS_CERT: 'x', LOG_LEVEL: 'loud' }),
      [
        'HOST must be a host name or an address, not "a b".',
        'PORT must be a whole number from 0 to 65535, not "80a".',
        'PUBLIC_URL must be an http or https address without credentials, query and fragment.',
        'TLS_CERT is set without TLS_KEY: set both or none.',
        'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud".',
      ],
    );
    assert.deepEqual(sentences({ TLS_KEY: 'x' }), ['TLS_KEY is set without TLS_CERT: set both or none.']);
    for (const port of ['-1', '65536', '1e3', '0x50', '80.0']) assert.equal(sentences({ PORT: port }).length, 1, port);
    for (const url of ['https://a:b@x', 'https://x/?a', 'https://x/#a', 'ftp://x']) {
      assert.equal(sentences({ PUBLIC_URL: url }).length, 1, url);
      assert.equal(sentences({ NODE_URL: url }).length, 1, url);
    }
    assert.deepEqual(sentences({ NODE_URL: 'http://10.0.0.7:8080/aftercall' }), [
      'NODE_URL must be http or https, a host and a port, and nothing else: the other nodes use it.',
    ]);
  });

  test('DATABASE_URL of PostgreSQL - names a database, and the schema of the organisation', () => {
    const database = (url: string) => readEnvironment({ DATABASE_URL: url }).database;
    const plain = { kind: 'postgres', url: 'postgres://me:hunter2@db/calls', schema: 'aftercall' };
    assert.deepEqual(database('postgres://me:hunter2@db/calls'), plain);
    assert.deepEqual(database('postgres://me:hunter2@db/calls?schema=acme'), { ...plain, schema: 'acme' });
    assert.deepEqual(database('postgresql://db:5433/calls?sslmode=verify-full&schema=acme_2'), {
      kind: 'postgres',
      url: 'postgresql://db:5433/calls?sslmode=verify-full',
      schema: 'acme_2',
    });
    const socket = { ...plain, url: 'postgres:///calls?host=%2Fvar%2Frun%2Fpostgresql' };
    assert.deepEqual(database('postgres:///calls?host=/var/run/postgresql'), socket);
  });

  test('DATABASE_URL that is wrong - is refused without repeating it', () => {
    const address = 'DATABASE_URL of PostgreSQL must be postgres://<user>:<password>@<host>:<port>/<database>.';
    for (const url of [
      'postgres:',
      'postgres://me:hunter2@db',
      'postgres://me:hunter2@db/',
      'postgres://me:hunter2@db:x/c',
    ]) {
      assert.deepEqual(sentences({ DATABASE_URL: url }), [address], url);
    }
    for (const schema of ['pg_calls', 'Acme', 'a b', '1a', '"a"', '', 'a'.repeat(64)]) {
      const refused = sentences({
        DATABASE_URL: `postgres://me:hunter2@db/calls?schema=${encodeURIComponent(schema)}`,
      });
      assert.equal(refused.length, 1, schema);
      assert.match(refused[0]!, /must name a schema of small letters/);
    }
    assert.deepEqual(sentences({ DATABASE_URL: 'mysql://me:hunter2@db' }), [
      'DATABASE_URL must be sqlite:<path of a file>, postgres://<user>@<host>/<database> or memory:.',
    ]);
    assert.equal(sentences({ DATABASE_URL: 'sqlite:' }).length, 1);
  });
});
