import { isIP } from 'node:net';

/** RFC 1035; the longest name a resolver may be asked for. */
const LONGEST_NAME = 253;
const NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/**
 * The one spelling of a host in which it is compared, resolved and connected to: an address as `127.0.0.1` or `::1`, however
 * it was written (`0x7f.1`, `2130706433`, `①②⑦.0.0.1`, `[::1]`), a name in lower case and Punycode, without the dot at its
 * end. Null when it is neither.
 */
export function hostName(text: string): string | null {
  const written = isIP(text) === 6 ? `[${text}]` : text;
  const url = URL.parse(`http://${written}/`);
  return url === null || url.pathname !== '/' || url.port !== '' || url.username !== '' ? null : hostOf(url);
}

/** As `hostName`, of a URL that was parsed. */
export function hostOf(url: URL): string | null {
  if (url.hostname.startsWith('[')) return url.hostname.slice(1, -1);
  if (isIP(url.hostname) === 4) return url.hostname;
  const name = url.hostname.replace(/\.$/, '');
  return name.length <= LONGEST_NAME && NAME.test(name) ? name : null;
}
