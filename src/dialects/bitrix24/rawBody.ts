import type { Json } from '../../ledger/entity.ts';
import type { Params } from './params.ts';
import { isList, isMap, type ParamMap, type ParamValue, textOf } from './paramsValue.ts';

const CREDENTIALS = ['auth', 'access_token'];

/** A parameter, and not a mark that SDKs put into every address. */
const SAYS_SOMETHING = /(?:^|&)(?!bx24_(?:request_id|sdk_ver|sdk_type)(?:[=&]|$))[^&]/;

/**
 * What is kept of a request: its body, or its query when it has none, or both as the HTTP message they were. Where a client
 * sends a token beside the webhook's code, the parameters without it.
 */
export function bytesToKeep(
  params: Params,
  query: string,
  body: Uint8Array,
  contentType: string | null,
): { readonly raw: Uint8Array; readonly contentType: string | null } {
  if (CREDENTIALS.some(name => params.has(name))) {
    const rest = [...params.all].filter(([name]) => !CREDENTIALS.includes(name.toLowerCase()));
    return { raw: Buffer.from(JSON.stringify(jsonOfMap(new Map(rest)))), contentType: 'application/json' };
  }
  if (body.byteLength === 0)
    return { raw: Buffer.from(query, 'latin1'), contentType: 'application/x-www-form-urlencoded' };
  if (!SAYS_SOMETHING.test(query)) return { raw: body, contentType };
  // The address without its path, where the webhook's code stands.
  const type = contentType === null ? '' : `Content-Type: ${contentType}\r\n`;
  const head = `POST /?${query} HTTP/1.1\r\n${type}Content-Length: ${body.byteLength}\r\n\r\n`;
  return { raw: Buffer.concat([Buffer.from(head, 'latin1'), body]), contentType: 'message/http' };
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
