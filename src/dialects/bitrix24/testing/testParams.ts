/** Requests for tests, and parameters in a form that can be compared at a glance. */
import { type Params, readParams } from '../params.ts';
import { isList, isMap, JsonNumber, type ParamMap, type ParamValue, UploadedFile, WireText } from '../paramsValue.ts';

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

export type Plain = string | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** A JSON number as `#` and its digits, a file as its name and size, a text that was cut out as what stood there. */
export function plain(value: ParamValue): Plain {
  if (value instanceof JsonNumber) return `#${value.text}`;
  if (value instanceof UploadedFile) return `${value.fileName} (${value.contentType}, ${value.bytes.length} bytes)`;
  if (value instanceof WireText) return `${value.escapes}: ${Buffer.from(value.bytes)}`;
  if (isList(value)) return value.map(plain);
  return isMap(value) ? plainMap(value) : value;
}

export const plainMap = (map: ParamMap): Plain =>
  Object.fromEntries([...map].map(([key, value]) => [key, plain(value)]));

export function request(contentType: string | null, body: string | Uint8Array, query = ''): Promise<Params> {
  return readParams({ query, contentType, body: typeof body === 'string' ? Buffer.from(body) : body });
}

export const get = (query: string): Promise<Params> => request(null, '', query);
export const postJson = (body: unknown, query = ''): Promise<Params> => request(JSON_TYPE, JSON.stringify(body), query);
export const postForm = (body: string, query = ''): Promise<Params> => request(FORM_TYPE, body, query);
