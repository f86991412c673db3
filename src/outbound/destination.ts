import { hostOf } from './hostName.ts';
import { OutboundRefused } from './outboundError.ts';

/**
 * Scheme, two slashes, a host that nobody has to guess at: what other readers of URLs understand differently (backslashes,
 * tabs, one slash, an @ before the host) is not taken.
 */
const PLAINLY_WRITTEN = /^[a-z][a-z0-9+.-]*:\/\/[^/\\?#\s\p{Cc}]+(?:[/?#]|$)/iu;

/** Where a URL of somebody else's leads. Throws `OutboundRefused`; whether the address is ours to reach is asked later. */
export function readDestination(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new OutboundRefused('url', 'The address is not a URL.');
  checkScheme(url);
  if (!PLAINLY_WRITTEN.test(text)) throw new OutboundRefused('url', 'The URL is not plainly written.');
  // An empty user name is not in the parsed URL any more.
  if (/^[^/]*\/\/[^/?#]*@/.test(text)) throw credentials();
  return checked(url);
}

/** Where an answer leads on to: `Location` relative to where it came from. */
export function followRedirect(from: URL, location: string): URL {
  const url = URL.parse(location, from);
  if (url === null) throw new OutboundRefused('url', 'The answer leads on to what is not a URL.');
  checkScheme(url);
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new OutboundRefused('downgrade', 'The answer leads from https to http.');
  }
  return checked(url);
}

function checkScheme(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new OutboundRefused('scheme', 'Only http and https URLs are asked for.');
  }
}

function checked(url: URL): URL {
  if (url.username !== '' || url.password !== '') throw credentials();
  const host = hostOf(url);
  if (host === null) throw new OutboundRefused('host', 'The host in the URL is not a name that can be looked up.');
  if (url.port === '0') throw new OutboundRefused('port', 'Nobody listens on port 0.');
  const canonical = new URL(url);
  if (!canonical.hostname.startsWith('[')) canonical.hostname = host;
  canonical.hash = '';
  return canonical;
}

const credentials = () => new OutboundRefused('credentials', 'The URL carries a user name or a password.');
