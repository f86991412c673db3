import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type AudioFormat, audioFormat, SNIFF_BYTES } from './audioFormat.ts';

/** What came is not a recording: not one of the formats, nothing at all, or more than may be kept. */
export class UnfitAudio extends Error {
  override readonly name = 'UnfitAudio';
}

/** So much is hashed without looking up: an upload may come as one piece. */
const PIECE_BYTES = 1024 * 1024;

/** A file on its way in. It is made once its beginning is known to be audio: of anything else nothing is ever written. */
export class Draft {
  bytes = 0;
  private readonly path: string;
  private readonly maxBytes: number;
  private readonly hash = createHash('sha256');
  private head: Uint8Array[] = [];
  private file: FileHandle | null = null;
  private format: AudioFormat | null = null;

  constructor(path: string, maxBytes: number) {
    this.path = path;
    this.maxBytes = maxBytes;
  }

  /** Throws `UnfitAudio`, and errors of the disk. */
  async add(chunk: Uint8Array): Promise<void> {
    this.bytes += chunk.byteLength;
    if (this.bytes > this.maxBytes) throw new UnfitAudio(`It is larger than ${this.maxBytes} bytes.`);
    if (this.file !== null) return this.write(this.file, chunk);
    this.head.push(chunk);
    if (this.bytes >= SNIFF_BYTES) await this.begin();
  }

  /** All of it is on the disk, under the draft's name. */
  async end(): Promise<{ readonly digest: string; readonly format: AudioFormat }> {
    const file = this.file ?? (await this.begin());
    await file.sync();
    await file.close();
    this.file = null;
    return { digest: this.hash.digest('hex'), format: this.format! };
  }

  /** Leaves nothing behind; what is wrong with the disk was reported before. */
  async abandon(): Promise<void> {
    await this.file?.close().catch(() => {});
    await rm(this.path, { force: true }).catch(() => {});
  }

  private async begin(): Promise<FileHandle> {
    const first = Buffer.concat(this.head.splice(0));
    this.format = audioFormat(first.subarray(0, SNIFF_BYTES));
    if (this.format === null) throw new UnfitAudio(this.bytes === 0 ? 'There is nothing in it.' : 'It is not audio.');
    this.file = await open(this.path, 'wx', 0o600);
    await this.write(this.file, first);
    return this.file;
  }

  private async write(file: FileHandle, chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) {
      const piece = chunk.subarray(at, at + PIECE_BYTES);
      this.hash.update(piece);
      for (let written = 0; written < piece.byteLength; ) {
        written += (await file.write(piece, written)).bytesWritten;
      }
    }
  }
}
