import type { FastifyRequest } from 'fastify';
import type { Permission } from '../../people/permissions.ts';
import type { Principal } from '../../people/principal.ts';
import { Problem } from './problem.ts';

export interface Gate {
  bearer(token: string): Principal | null;
  basic(
    login: string,
    password: string,
    address: string,
  ): Promise<Principal | { readonly lockedForSeconds: number } | null>;
  may(caller: Principal, permission: Permission): boolean;
}

/** The caller of a request, or a problem saying why there is none. */
export async function authenticate(gate: Gate, request: FastifyRequest): Promise<Principal> {
  const header = request.headers.authorization ?? '';
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const given = header.slice(space + 1).trim();
  if (scheme === 'bearer') {
    const caller = gate.bearer(given);
    if (caller !== null) return caller;
    throw new Problem('unauthenticated', 'the bearer token is unknown');
  }
  if (scheme === 'basic') {
    const [login, ...password] = Buffer.from(given, 'base64').toString('utf8').split(':');
    const caller = await gate.basic(login ?? '', password.join(':'), request.ip);
    if (caller === null) throw new Problem('unauthenticated', 'login or password is wrong');
    if (!('lockedForSeconds' in caller)) return caller;
    throw new Problem('locked', `try again in ${caller.lockedForSeconds} s`, [], caller.lockedForSeconds);
  }
  throw new Problem('unauthenticated', 'send an Authorization header with a bearer token, or with login and password');
}

export function demand(gate: Gate, caller: Principal, ...anyOf: Permission[]): Permission {
  const allowed = anyOf.find(permission => gate.may(caller, permission));
  if (allowed === undefined) throw new Problem('forbidden', `${caller.name} lacks the permission ${anyOf[0]}`);
  return allowed;
}
