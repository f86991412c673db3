/** Who asks for what, as far as the address says it: known before the body is read, so that it says how much is read. */
import { type User, user, type Webhook, webhook } from '../../people/entities.ts';
import { tokenHash } from '../../people/tokenHash.ts';
import { type Source, source } from '../../sources/entities.ts';
import { BODY_LIMIT_BYTES, FILE_BODY_LIMIT_BYTES } from './body.ts';
import type { Bitrix24Door, Method } from './context.ts';
import { type MethodError, methodError } from './errors.ts';
import { attachRecord } from './methods/attachRecord.ts';
import { hide, show } from './methods/cards.ts';
import { finish } from './methods/finish.ts';
import { register } from './methods/register.ts';
import { statistic } from './methods/statistic.ts';
import { readSubQuery } from './params.ts';
import { readRoute } from './route.ts';
import { readSlotToken, type UploadSlot } from './uploadSlot.ts';

/** By the name in lower case: names on the wire are in any. */
const METHODS: ReadonlyMap<string, Method> = new Map([
  ['telephony.externalcall.register', register],
  ['telephony.externalcall.show', show],
  ['telephony.externalcall.hide', hide],
  ['telephony.externalcall.finish', finish],
  ['telephony.externalcall.attachrecord', attachRecord],
  ['voximplant.statistic.get', statistic],
]);

export interface Hook {
  readonly row: Readonly<Webhook>;
  readonly user: Readonly<User>;
  readonly portal: Readonly<Source>;
}

export type ResolvedRequest =
  | { readonly kind: 'method'; readonly method: Method; readonly hook: Hook }
  | { readonly kind: 'upload'; readonly slot: UploadSlot }
  /** What follows depends on the parameters, and is a refusal too. */
  | { readonly kind: 'token' }
  | { readonly kind: 'refused'; readonly error: MethodError };

/** `url` from the slash on. Throws `ParamsProblem`. */
export function resolveRequest(url: string, door: Bitrix24Door): ResolvedRequest {
  const route = readRoute(url.split('?', 1)[0]!);
  if (route === null || route.kind === 'unknown') return refused(methodError('methodNotFound'));
  if (route.kind === 'token') return { kind: 'token' };
  if (route.kind === 'upload') return resolveUpload(readSubQuery(queryOf(url)).text('token'), door);
  const hook = hookOf(route.user, route.code, door);
  if (hook === null) return refused(methodError('invalidCredentials'));
  const method = METHODS.get(route.method);
  if (method === undefined) return refused(methodError('methodNotFound'));
  if (!hook.row.scope.includes(method.scope)) return refused(methodError('webhookScope'));
  return { kind: 'method', method, hook };
}

/** Only who is known, and asks for what takes files, may send more than a little. */
export function bodyLimitOf(resolved: ResolvedRequest): number {
  if (resolved.kind === 'upload') return FILE_BODY_LIMIT_BYTES;
  return (resolved.kind === 'method' ? resolved.method.file?.bodyLimitBytes : undefined) ?? BODY_LIMIT_BYTES;
}

/** What follows the `?` of a URL, as it came. */
export function queryOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

const refused = (error: MethodError): ResolvedRequest => ({ kind: 'refused', error });

function hookOf(userId: number, code: string, { ledger: { directory } }: Bitrix24Door): Hook | null {
  const row = directory.find(webhook, 'byHash', tokenHash(code)).find(each => each.active && each.userId === userId);
  const owner = row === undefined ? undefined : directory.get(user, row.userId);
  const portal = row === undefined ? undefined : directory.get(source, row.sourceId);
  if (row === undefined || owner?.active !== true || portal?.active !== true) return null;
  return { row, user: owner, portal };
}

/** A slot ends with its day, and with the webhook that was given it. */
function resolveUpload(token: string | null, door: Bitrix24Door): ResolvedRequest {
  if (token === null) return refused(methodError('noAuth'));
  const slot = readSlotToken(door.records.uploadKey, token, door.clock());
  if (slot === null || door.ledger.directory.get(webhook, slot.webhook)?.active !== true) {
    return refused(methodError('invalidToken'));
  }
  return { kind: 'upload', slot };
}
