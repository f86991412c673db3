/** Requests and answers as a door sees them, without HTTP: what a framework would make of a socket. */
import { EventEmitter } from 'node:events';

export interface Asking {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** Where an answer goes: towards the client. */
export interface Outlet {
  head(status: number, headers: Headers): void;
  /** False: the other side is slow, and `drained` will be called. */
  chunk(text: string): boolean;
  end(): void;
}

/** The server's end of a connection. */
export class Socket {
  destroyed = false;
}

/** The request as `request.raw`: its body comes in one piece once somebody listens. */
export class RawRequest extends EventEmitter {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  private readonly body: Buffer | null;

  constructor({ url, method, headers, body }: Asking) {
    super();
    this.url = url;
    this.method = method;
    this.headers = headers;
    this.body = body;
    this.on('newListener', name => {
      if (name === 'data') queueMicrotask(() => this.bring());
    });
  }

  private bring(): void {
    if (this.body !== null && this.body.byteLength > 0) this.emit('data', this.body);
    this.emit('end');
  }
}

/** The response as `reply.raw`. */
export class RawResponse extends EventEmitter {
  writableNeedDrain = false;
  private readonly socket: Socket;
  private readonly outlet: Outlet;
  private hasHead = false;
  private hasEnded = false;
  private hasClosed = false;

  constructor(socket: Socket, outlet: Outlet) {
    super();
    this.socket = socket;
    this.outlet = outlet;
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  writeHead(status: number, headers: Headers): this {
    if (this.hasHead) throw new Error('the head of an answer was written twice');
    this.hasHead = true;
    if (!this.socket.destroyed) this.outlet.head(status, headers);
    return this;
  }

  write(text: string): boolean {
    if (this.hasEnded) throw new Error('something was written after the end');
    if (this.socket.destroyed) return false;
    this.writableNeedDrain = !this.outlet.chunk(text);
    return !this.writableNeedDrain;
  }

  end(text?: string): this {
    if (this.hasEnded) return this;
    if (text !== undefined && text !== '') this.write(text);
    this.hasEnded = true;
    if (!this.socket.destroyed) {
      this.outlet.end();
      this.emit('finish');
    }
    this.close();
    return this;
  }

  destroy(): this {
    this.socket.destroyed = true;
    this.close();
    return this;
  }

  /** The client has read what was written. */
  drained(): void {
    if (!this.writableNeedDrain) return;
    this.writableNeedDrain = false;
    this.emit('drain');
  }

  /** The connection has ended, on whichever side. */
  close(): void {
    if (this.hasClosed) return;
    this.hasClosed = true;
    queueMicrotask(() => this.emit('close'));
  }
}
