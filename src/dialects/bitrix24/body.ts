/** What a request brings: held in memory, or read as it comes. Whoever sends too much is cut off, whatever was announced. */
import type { Readable } from 'node:stream';
import { methodError } from './errors.ts';

/** Parameters of a call have a few hundred bytes; a filter may list some thousand ids. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** 100 MB of audio, which base64 makes a third longer, and the escapes of a form or of JSON up to a twelfth. */
export const FILE_BODY_LIMIT_BYTES = 145 * 1024 * 1024;
/** Two of the largest bodies, or thirty of an hour's MP3 at the usual rate. */
export const HELD_MAX_BYTES = 2 * FILE_BODY_LIMIT_BYTES;

/**
 * Clients of this vendor give a request sixty seconds (docs/bitrix24.md, section 6); one that is silent for so long has
 * gone.
 */
const SILENCE_MS = 60_000;

/** The sender has fallen silent within the body: without an end of it, that would hold its place for ever. */
export class SenderSilent extends Error {
  override readonly name = 'SenderSilent';
}

/** Memory for bodies that hold files: what finds none is refused, and its sender tries again. */
export class BodyRoom {
  private leftBytes: number;

  constructor(maxBytes: number) {
    this.leftBytes = maxBytes;
  }

  /** False when there is not enough. */
  take(bytes: number): boolean {
    if (bytes > this.leftBytes) return false;
    this.leftBytes -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.leftBytes += bytes;
  }
}

export interface HeldBody {
  readonly bytes: Buffer;
  /** Once nobody looks at the bytes any more. */
  release(): void;
}

/**
 * Rejects with a `MethodError` where there is too much or no room, with `SenderSilent`, and with what the connection has to
 * say. What is announced is at most the limit.
 */
export function collectBody(
  source: Readable,
  announcedBytes: number | null,
  limitBytes: number,
  room: BodyRoom,
  silenceMs = SILENCE_MS,
): Promise<HeldBody> {
  const { promise, resolve, reject } = Promise.withResolvers<HeldBody>();
  const small: Buffer[] = [];
  let large: Buffer | null = null;
  let bytes = 0;
  let takenBytes = 0;
  let silence: NodeJS.Timeout | undefined;
  const release = () => {
    room.give(takenBytes);
    takenBytes = 0;
  };
  const leave = () => {
    clearTimeout(silence);
    source.off('data', take).off('end', end).off('error', fail);
  };
  const fail = (error: Error) => {
    leave();
    release();
    reject(error);
  };
  const take = (piece: Buffer) => {
    if (bytes + piece.byteLength > limitBytes) return fail(methodError('tooLarge', { BYTES: limitBytes }));
    if (large === null && bytes + piece.byteLength > BODY_LIMIT_BYTES) {
      // One piece of memory from the beginning: joining a hundred megabytes in the end would keep everybody waiting.
      takenBytes = announcedBytes ?? limitBytes;
      if (!room.take(takenBytes)) {
        takenBytes = 0;
        return fail(methodError('overload'));
      }
      silence = setTimeout(() => source.destroy(new SenderSilent()), silenceMs);
      large = Buffer.allocUnsafeSlow(takenBytes);
      Buffer.concat(small.splice(0)).copy(large);
    }
    if (large === null) small.push(piece);
    else piece.copy(large, bytes);
    silence?.refresh();
    bytes += piece.byteLength;
  };
  const end = () => {
    leave();
    resolve({ bytes: large === null ? Buffer.concat(small, bytes) : large.subarray(0, bytes), release });
  };
  source.on('data', take).on('end', end).on('error', fail);
  return promise;
}

/** A body that is read as it comes. Leaving it early leaves the connection open, for the answer. */
export class BodyStream {
  private readonly source: Readable;
  private readonly limitBytes: number;
  private readonly silenceMs: number;
  private bytes = 0;

  constructor(source: Readable, limitBytes: number, silenceMs = SILENCE_MS) {
    this.source = source;
    this.limitBytes = limitBytes;
    this.silenceMs = silenceMs;
  }

  /** Throws a `MethodError` beyond the limit, `SenderSilent`, and what the connection has to say. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    const silence = setTimeout(() => this.source.destroy(new SenderSilent()), this.silenceMs);
    try {
      for await (const piece of this.source.iterator({ destroyOnReturn: false })) {
        this.bytes += (piece as Uint8Array).byteLength;
        if (this.bytes > this.limitBytes) throw methodError('tooLarge', { BYTES: this.limitBytes });
        yield piece as Uint8Array;
        silence.refresh();
      }
    } finally {
      clearTimeout(silence);
    }
  }

  /** Reads on to the end: a client that is still sending does not look for its answer. Throws as `pieces`. */
  async drain(): Promise<void> {
    for await (const _ of this.pieces());
  }
}
