/** The smallest files that are audio: silence, and as much of it as a test wants. */

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

export function wav(dataBytes = 16): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8_000, 24);
  header.writeUInt32LE(8_000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return Buffer.concat([header, Buffer.alloc(dataBytes, 0x80)]);
}

/** Frames with this header; how long one is, the caller knows. */
export function mp3Frames(header: readonly number[], frameBytes: number, frames: number): Buffer {
  const frame = Buffer.alloc(frameBytes);
  frame.set(header);
  return Buffer.concat(Array.from({ length: frames }, () => frame));
}

/** MPEG 1 layer III, 128 kbit/s, 44.1 kHz. */
export const mp3 = (frames = 3): Buffer => mp3Frames([0xff, 0xfb, 0x90, 0x00], 417, frames);

export const taggedMp3 = (): Buffer =>
  Buffer.concat([ascii('ID3'), Buffer.from([4, 0, 0, 0, 0, 0, 10]), Buffer.alloc(10), mp3()]);

export const flac = (): Buffer => Buffer.concat([ascii('fLaC'), Buffer.alloc(38)]);

export function ogg(firstPacket = 'OpusHead'): Buffer {
  const page = Buffer.alloc(28);
  page.write('OggS', 0, 'latin1');
  page[26] = 1;
  page[27] = firstPacket.length;
  return Buffer.concat([page, ascii(firstPacket), Buffer.alloc(11)]);
}

export const mp4 = (brand = 'M4A '): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 24]), ascii(`ftyp${brand}`), Buffer.alloc(12)]);
