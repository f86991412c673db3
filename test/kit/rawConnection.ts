import { connect, type Socket } from 'node:net';
import { answerLength } from './rawClient.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** The connection ended, or was never made: what was asked may have been done or not. */
export class ConnectionEnded extends Error {
  override readonly name = 'ConnectionEnded';
}

/** An answer is a few hundred bytes, seldom a few thousand. */
const READ_BUFFER_BYTES = 16 * 1024;
const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const DIGIT_0 = 48;

/**
 * One keep-alive connection over which requests are sent as ready bytes, one at a time, and whose answers are read whole.
 * As cheap as the connections of `rawClient.ts`, for clients that look at what they are told.
 */
export class RawConnection {
  /** Where it leads to. */
  readonly to: Address;
  private readonly socket: Socket;
  private readonly buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  private partial: Buffer | null = null;
  private requested: PromiseWithResolvers<RawAnswer> | null = null;
  private ended = false;

  private constructor(to: Address) {
    this.to = to;
    this.socket = connect({
      host: to.host,
      port: to.port,
      noDelay: true,
      onread: { buffer: this.buffer, callback: count => this.receive(count) },
    });
  }

  /** Rejects with `ConnectionEnded` when nobody listens there. */
  static open(to: Address): Promise<RawConnection> {
    const connection = new RawConnection(to);
    const { socket } = connection;
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(connection));
      socket.once('error', () => {});
      socket.once('close', () => {
        connection.end();
        reject(new ConnectionEnded('the connection was not made'));
      });
    });
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  /** Rejects with `ConnectionEnded`. */
  ask(request: string | Uint8Array): Promise<RawAnswer> {
    if (this.ended) return Promise.reject(new ConnectionEnded('the connection has ended'));
    if (this.requested !== null) throw new Error('this connection waits for an answer');
    this.requested = Promise.withResolvers();
    this.socket.write(request);
    return this.requested.promise;
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(count: number): boolean {
    const received = this.buffer.subarray(0, count);
    const bytes = this.partial === null ? received : Buffer.concat([this.partial, received]);
    const length = answerLength(bytes);
    if (length < 0 || bytes.length < length) {
      this.partial = Buffer.from(bytes);
      return true;
    }
    const { requested } = this;
    if (requested === null || bytes.length > length) {
      // Nothing was asked that this could be the answer to.
      this.socket.destroy();
      return false;
    }
    this.partial = null;
    this.requested = null;
    const status = (bytes[9]! - DIGIT_0) * 100 + (bytes[10]! - DIGIT_0) * 10 + (bytes[11]! - DIGIT_0);
    // Copied: the next answer is read into the same memory.
    requested.resolve({
      status,
      body: Buffer.from(bytes.subarray(bytes.indexOf(END_OF_HEADERS) + END_OF_HEADERS.length)),
    });
    return true;
  }

  private end(): void {
    this.ended = true;
    this.requested?.reject(new ConnectionEnded('the connection ended before the answer'));
    this.requested = null;
  }
}
