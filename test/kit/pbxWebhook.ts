import { createHmac } from 'node:crypto';
import { SECRET, SOURCE_KEY } from './organisation.ts';
import type { RunningServer } from './server.ts';

export interface WebhookAnswer {
  readonly status: number;
  /** What the vendor's own API answers with. */
  readonly errcode: number | undefined;
  readonly errmsg: string | undefined;
  readonly field: string | undefined;
}

export interface WebhookOptions {
  readonly source?: string;
  /** Undefined signs with the secret of the common PBX; null sends no signature. */
  readonly signature?: string | null;
  readonly signatureHeader?: string;
  readonly contentType?: string | null;
}

/** Standard Base64 of HMAC-SHA256 over the raw bytes (docs/yeastar.md, section 4). */
export const signatureOf = (body: string | Uint8Array, secret: string = SECRET): string =>
  createHmac('sha256', secret).update(body).digest('base64');

/** One push of a PBX's webhook. */
export async function push(
  server: Pick<RunningServer, 'url'>,
  body: string | Uint8Array,
  options: WebhookOptions = {},
): Promise<WebhookAnswer> {
  const { source = SOURCE_KEY, signatureHeader = 'X-Signature', contentType = 'application/json' } = options;
  const signature = options.signature === undefined ? signatureOf(body) : options.signature;
  const response = await fetch(`${server.url}/yeastar/${source}`, {
    method: 'POST',
    headers: {
      ...(contentType === null ? {} : { 'content-type': contentType }),
      ...(signature === null ? {} : { [signatureHeader]: signature }),
    },
    body: body as NonNullable<RequestInit['body']>,
  });
  const text = await response.text();
  const said = JSON.parse(text) as {
    errcode?: number;
    errmsg?: string;
    invalid_param_list?: readonly { field: string }[];
  };
  return {
    status: response.status,
    errcode: said.errcode,
    errmsg: said.errmsg,
    field: said.invalid_param_list?.[0]?.field,
  };
}
