/** A wire to PostgreSQL that breaks between two messages, in the middle of one, or loses some of them. */
import type { Fate, Link, TcpProxy } from './tcpProxy.ts';

const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;

/**
 * What becomes of a message: it goes on; it is lost, and what follows goes on; it goes on and the connection is cut, or is cut
 * when half of it has gone on, or before any of it has; or it is lost with all that follows, and nobody is told.
 */
export type Ruling = 'pass' | 'drop' | 'cutAfter' | 'cutWithin' | 'cut' | 'silence';

type Judge = (message: Buffer, link: Link) => Ruling;

export interface PostgresWire {
  /** Looks at the messages of a client, and at those of the server; set at any time. */
  onRequest: Judge;
  onAnswer: Judge;
}

/** To be put onto a wire before anybody uses it: messages are told apart from the first one on. */
export function tapPostgres(proxy: TcpProxy): PostgresWire {
  const wire: PostgresWire = { onRequest: () => 'pass', onAnswer: () => 'pass' };
  const silent = { requests: new WeakSet<Link>(), answers: new WeakSet<Link>() };
  const requests = new WeakMap<Link, MessageReader>();
  const answers = new WeakMap<Link, MessageReader>();
  proxy.onRequest = (bytes, link) => {
    const reader = readerOf(requests, link, 'client');
    return judge(reader.take(bytes), link, wire.onRequest, silent.requests);
  };
  proxy.onAnswer = (bytes, link) => {
    const reader = readerOf(answers, link, 'server');
    return judge(reader.take(bytes), link, wire.onAnswer, silent.answers);
  };
  return wire;
}

function judge(messages: readonly Buffer[], link: Link, ruling: Judge, silent: WeakSet<Link>): Fate {
  if (silent.has(link)) return 'swallow';
  const passed: Buffer[] = [];
  for (const message of messages) {
    const ruled = ruling(message, link);
    if (ruled === 'pass' || ruled === 'cutAfter') passed.push(message);
    if (ruled === 'cutWithin') passed.push(message.subarray(0, message.length >> 1));
    if (ruled === 'pass' || ruled === 'drop') continue;
    silent.add(link);
    // After what has been passed on here has left.
    if (ruled !== 'silence') setImmediate(() => link.cut());
    break;
  }
  return Buffer.concat(passed);
}

function readerOf(readers: WeakMap<Link, MessageReader>, link: Link, from: 'client' | 'server'): MessageReader {
  let reader = readers.get(link);
  if (reader === undefined) {
    reader = new MessageReader(from);
    readers.set(link, reader);
  }
  return reader;
}

/** Takes one direction of a connection apart; what has not arrived whole is kept back until it has. */
class MessageReader {
  private rest: Buffer = Buffer.alloc(0);
  /** What a client says first has no type. */
  private isFirst: boolean;

  constructor(from: 'client' | 'server') {
    this.isFirst = from === 'client';
  }

  /** The whole messages that these bytes complete. */
  take(bytes: Buffer): Buffer[] {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const messages: Buffer[] = [];
    for (;;) {
      const typeBytes = this.isFirst ? 0 : TYPE_BYTES;
      if (this.rest.length < typeBytes + LENGTH_BYTES) return messages;
      const length = typeBytes + this.rest.readUInt32BE(typeBytes);
      if (this.rest.length < length) return messages;
      messages.push(this.rest.subarray(0, length));
      this.rest = this.rest.subarray(length);
      this.isFirst = false;
    }
  }
}

const typeOf = (message: Buffer): string => String.fromCharCode(message[0]!);

/** A client says who it is, and that this is its name. */
export const isStartup = (message: Buffer, applicationName: string): boolean =>
  message[0] === 0 && message.includes(`application_name\0${applicationName}\0`);

/** Statements in one message, of which the last ends a transaction. */
export const isCommit = (message: Buffer): boolean => typeOf(message) === 'Q' && message.includes('COMMIT\0');

/** The server says that a transaction is stored. */
export const isCommitted = (message: Buffer): boolean => typeOf(message) === 'C' && message.includes('COMMIT\0');

/** Somebody has said something on a channel that this connection listens to. */
export const isNotification = (message: Buffer): boolean => typeOf(message) === 'A';
