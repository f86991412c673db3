import { SOURCE_KEY, TOKEN } from './organisation.ts';
import type { YeastarEvent } from './yeastarEvents.ts';

const SLAB_BYTES = 4 * 1024 * 1024;

/** One push of a PBX, the whole HTTP/1.1 request as it goes over the wire. Bodies are ASCII. */
export function pushRequest(event: YeastarEvent, path: string = `/yeastar/${SOURCE_KEY}`): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: pbx.test\r\nContent-Type: application/json\r\n` +
    `X-Signature: ${event.signature}\r\nContent-Length: ${event.body.length}\r\n\r\n${event.body}`
  );
}

export function getRequest(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: pbx.test\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
}

/** Requests written out before the run, a few large pieces of memory instead of a string each. */
export class RequestSlab {
  private readonly slabs: Buffer[] = [];
  private used = SLAB_BYTES;
  private readonly requests: Buffer[] = [];
  private takenSoFar = 0;

  add(request: string): void {
    if (this.used + request.length > SLAB_BYTES) {
      this.slabs.push(Buffer.allocUnsafeSlow(SLAB_BYTES));
      this.used = 0;
    }
    const slab = this.slabs.at(-1)!;
    const length = slab.write(request, this.used, 'latin1');
    this.requests.push(slab.subarray(this.used, this.used + length));
    this.used += length;
  }

  /** Null when all have been taken. */
  take(): Buffer | null {
    return this.takenSoFar < this.requests.length ? this.requests[this.takenSoFar++]! : null;
  }

  get taken(): number {
    return this.takenSoFar;
  }

  get left(): number {
    return this.requests.length - this.takenSoFar;
  }
}
