/** A certificate for tests that serve https: made with Node alone, signed by itself, never used anywhere else. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const VALID_MS = 24 * 3_600_000;

const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  const { length } = content;
  // Lengths over 127 say first in how many bytes they are written.
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const time = (at: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
const bitString = (content: Uint8Array): Buffer => der(0x03, Buffer.from([0]), content);

/** ecdsa-with-SHA256, commonName, subjectAltName. */
const SIGNED_WITH = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const ALTERNATIVE_NAME = oid('551d11');

/** PEM texts; the certificate is its own authority. */
export function selfSigned(host: string): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(host)))));
  const serial = randomBytes(8);
  serial[0] = 0x01;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    SIGNED_WITH,
    name,
    sequence(time(Date.now() - VALID_MS), time(Date.now() + VALID_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(ALTERNATIVE_NAME, der(0x04, sequence(der(0x82, Buffer.from(host))))))),
  );
  const certificate = sequence(body, SIGNED_WITH, bitString(sign('sha256', body, privateKey)));
  const lines = certificate.toString('base64').match(/.{1,64}/g)!;
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}
