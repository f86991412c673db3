import type { DoorHost } from './doorHost.ts';
import type { Asking, Headers } from './wire.ts';

export interface DoorAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface DoorRequest {
  readonly method?: 'GET' | 'POST';
  /** With its query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json: unknown;
}

/** One request and its whole answer, without a network between. */
export function askDoor(
  host: DoorHost,
  { method = 'POST', url, headers = {}, json }: DoorRequest,
): Promise<DoorAnswer> {
  const asking: Asking = {
    method,
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(json)),
  };
  return new Promise(resolve => {
    let answer: Omit<DoorAnswer, 'text'> = { status: 0, headers: {} };
    let text = '';
    host.serve(asking, {
      head: (status, received) => {
        answer = { status, headers: received };
      },
      chunk: piece => {
        text += piece;
        return true;
      },
      end: () => resolve({ ...answer, text }),
    });
  });
}
