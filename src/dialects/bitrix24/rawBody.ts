import type { Json } from '../../ledger/entity.ts';
import type { Params } from './params.ts';
import { isList, isMap, type ParamMap, type ParamValue, textOf } from './paramsValue.ts';

const CREDENTIALS = ['auth', 'access_token'];

/**
 * What is kept of a request: its body, or its query when it has none. Where a client sends a token beside the webhook's code,
 * the parameters without it.
 */
export function bytesToKeep(
  params: Params,
  query: string,
  body: Buffer,
  contentType: string | null,
): { readonly raw: Uint8Array; readonly contentType: string | null } {
  if (CREDENTIALS.some(name => params.has(name))) {
    const rest = [...params.all].filter(([name]) => !CREDENTIALS.includes(name.toLowerCase()));
    return { raw: Buffer.from(JSON.stringify(jsonOfMap(new Map(rest)))), contentType: 'application/json' };
  }
  if (body.byteLength > 0) return { raw: body, contentType };
  return { raw: Buffer.from(query), contentType: 'application/x-www-form-urlencoded' };
}

function jsonOfMap(map: ParamMap): Json {
  const object: Record<string, Json> = Object.create(null);
  for (const [name, value] of map) object[name] = jsonOf(value);
  return object;
}

function jsonOf(value: ParamValue): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (isList(value)) return value.map(jsonOf);
  return isMap(value) ? jsonOfMap(value) : textOf(value);
}
