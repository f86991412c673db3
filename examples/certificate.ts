/**
 * A throw-away authority and a certificate for this machine, made with Node alone, for trying things over https:
 *
 *     node examples/certificate.ts certificates
 *
 * The server serves with `cert.pem` and `key.pem`; clients trust `ca.pem`.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

const HOUR_MS = 3_600_000;
/** A month: long enough to try something, short enough that nobody relies on it. */
const VALID_MS = 30 * 24 * HOUR_MS;

/** PEM texts. `cert` is followed by the authority that signed it. */
export interface Certificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** For these host names and IPv4 addresses, valid from an hour ago, so that a clock may be a little behind. */
export function makeCertificate(hosts: readonly string[] = ['localhost', '127.0.0.1']): Certificate {
  const issuer = { name: nameOf('Aftercall example authority'), ...keyPair() };
  const ca = signed(issuer, issuer.name, issuer.publicKey, IS_AUTHORITY, MAY_SIGN_CERTIFICATES);
  const { publicKey, privateKey } = keyPair();
  const names = extension(SUBJECT_ALTERNATIVE_NAME, sequence(...hosts.map(alternativeName)));
  const cert = signed(issuer, nameOf(hosts[0]!), publicKey, names);
  return { ca: pem(ca), cert: pem(cert) + pem(ca), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

interface Issuer {
  readonly name: Uint8Array;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A certificate of X.509 version 3 (RFC 5280 section 4.1), in DER, as strict clients want it. */
function signed(
  issuer: Issuer,
  subject: Uint8Array,
  publicKey: KeyObject,
  ...extensions: readonly Uint8Array[]
): Buffer {
  const serial = randomBytes(16);
  // Positive, and without leading zeros.
  serial[0] = 0x01;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    issuer.name,
    sequence(time(Date.now() - HOUR_MS), time(Date.now() + VALID_MS)),
    subject,
    spki(publicKey),
    der(
      0xa3,
      sequence(
        ...extensions,
        extension(SUBJECT_KEY, der(0x04, keyId(publicKey))),
        extension(AUTHORITY_KEY, sequence(der(0x80, keyId(issuer.publicKey)))),
      ),
    ),
  );
  return sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, issuer.privateKey)));
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const keyId = (key: KeyObject): Buffer => createHash('sha256').update(spki(key)).digest().subarray(0, 20);

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  // Lengths over 127 say first in how many bytes they are written.
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(0x30, ...contents);
}

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const bitString = (content: Uint8Array): Buffer => der(0x03, Buffer.from([0]), content);
const time = (at: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
const nameOf = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));
const alternativeName = (host: string): Buffer =>
  isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));

function extension(id: Uint8Array, value: Uint8Array): Buffer {
  return sequence(id, der(0x04, value));
}

function criticalExtension(id: Uint8Array, value: Uint8Array): Buffer {
  return sequence(id, TRUE, der(0x04, value));
}

const TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const SUBJECT_ALTERNATIVE_NAME = oid('551d11');
const SUBJECT_KEY = oid('551d0e');
const AUTHORITY_KEY = oid('551d23');
const IS_AUTHORITY = criticalExtension(oid('551d13'), sequence(TRUE));
const MAY_SIGN_CERTIFICATES = criticalExtension(oid('551d0f'), der(0x03, Buffer.from([0x02, 0x04])));

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** `ca.pem`, `cert.pem` and `key.pem` in a directory, which is made where it is not there. */
export function writeCertificate(directory: string): {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
} {
  const certificate = makeCertificate();
  mkdirSync(directory, { recursive: true });
  const paths = { ca: join(directory, 'ca.pem'), cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  writeFileSync(paths.ca, certificate.ca);
  writeFileSync(paths.cert, certificate.cert);
  writeFileSync(paths.key, certificate.key, { mode: 0o600 });
  return paths;
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined || directory.startsWith('-')) {
    process.stdout.write(
      'node examples/certificate.ts <directory>   makes ca.pem, cert.pem and key.pem for localhost\n',
    );
    process.exitCode = directory === undefined ? 1 : 0;
  } else {
    const { ca, cert, key } = writeCertificate(directory);
    process.stdout.write(`Serve with TLS_CERT=${cert} TLS_KEY=${key}; clients need NODE_EXTRA_CA_CERTS=${ca}.\n`);
  }
}
