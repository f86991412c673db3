/**
 * The only way to a socket: the name is resolved here, every address is checked, and the connection is opened to one of the
 * addresses that were checked. A resolver that answers differently a moment later is not asked again.
 */
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { Guard } from './guard.ts';
import { failed, OutboundFailed } from './outboundError.ts';
import type { ResolveHost } from './resolveHost.ts';

/** A resolver that does not answer must not keep what waits for it. */
const RESOLVE_MS = 10_000;
const CONNECT_MS = 10_000;
/** How long one of several addresses may take before the next one is tried as well. */
const NEXT_ADDRESS_MS = 2_000;
/** All are checked, so many are tried. */
const ADDRESSES_TRIED = 6;

export function guardedConnector(guard: Guard, resolve: ResolveHost, ca: string | null): buildConnector.connector {
  return (options, callback) => {
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    const found = isIP(options.hostname) === 0 ? resolved(resolve, options.hostname) : [options.hostname];
    Promise.resolve(found)
      .then(addresses => {
        for (const address of addresses) guard.check(options.hostname, address, port);
        return addresses.slice(0, ADDRESSES_TRIED);
      })
      .then(
        addresses =>
          connect(options, pinned(addresses), ca, callback, address => guard.check(options.hostname, address, port)),
        (error: Error) => callback(error, null),
      );
  };
}

async function resolved(resolve: ResolveHost, host: string): Promise<readonly string[]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(failed('timeout')), RESOLVE_MS).unref();
  try {
    const addresses = await Promise.race([resolve(host), late.promise]);
    if (addresses.length === 0) throw failed('name');
    return addresses;
  } finally {
    clearTimeout(timer);
  }
}

/** Answers with what was checked, whatever is asked for. */
function pinned(addresses: readonly string[]): LookupFunction {
  const found = addresses.map(address => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all === true) callback(null, found);
    else callback(null, found[0]!.address, found[0]!.family);
  };
}

function connect(
  options: buildConnector.Options,
  lookup: LookupFunction,
  ca: string | null,
  callback: buildConnector.Callback,
  check: (address: string) => void,
): void {
  const open = buildConnector({
    allowH2: false,
    timeout: CONNECT_MS,
    maxCachedSessions: 0,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    lookup,
    ...(ca === null ? {} : { ca }),
  });
  open(options, (error, socket) => {
    if (error !== null) return callback(error, null);
    try {
      // Where it went in the end is looked at once more: everything else hangs on it.
      if (socket.remoteAddress === undefined) throw new OutboundFailed('connection', 'The connection broke at once.');
      check(socket.remoteAddress);
    } catch (refusal) {
      socket.destroy();
      return callback(refusal as Error, null);
    }
    callback(null, socket);
  });
}
