/** What audio looks like from its first bytes. What a sender calls it is not believed. */

export const AUDIO_FORMATS = {
  mp3: { contentType: 'audio/mpeg' },
  wav: { contentType: 'audio/wav' },
  flac: { contentType: 'audio/flac' },
  ogg: { contentType: 'audio/ogg' },
  m4a: { contentType: 'audio/mp4' },
} as const;

export type AudioFormat = keyof typeof AUDIO_FORMATS;

/** So much of a file is enough to know: two frames of the longest kind of MP3. */
export const SNIFF_BYTES = 4_096;

/** `head` is the file's first `SNIFF_BYTES`, or all of it when it is shorter. Null: not audio, or none that is taken. */
export function audioFormat(head: Uint8Array): AudioFormat | null {
  const at = (offset: number, text: string): boolean =>
    [...text].every((char, n) => head[offset + n] === char.charCodeAt(0));
  // RF64: a WAV of more than 4 GiB, or of a recorder that did not know how long it would be.
  if ((at(0, 'RIFF') || at(0, 'RF64')) && at(8, 'WAVE')) return 'wav';
  if (at(0, 'fLaC')) return 'flac';
  if (at(0, 'OggS')) return isAudioStream(head, at) ? 'ogg' : null;
  if (at(4, 'ftyp')) return MP4_BRANDS.some(brand => at(8, brand)) ? 'm4a' : null;
  if (at(0, 'ID3')) return isTag(head) ? 'mp3' : null;
  return isFrames(head) ? 'mp3' : null;
}

/** Audio of its own, and MP4 in general, which is what most programs write audio into. */
const MP4_BRANDS = ['M4A ', 'M4B ', 'mp41', 'mp42', 'isom', 'iso2', 'iso5', 'iso6', 'dash'];

/** The first packet of an Ogg stream says what is in it; it begins after the table of its segments. */
function isAudioStream(head: Uint8Array, at: (offset: number, text: string) => boolean): boolean {
  const packet = 27 + (head[26] ?? 0);
  return ['OpusHead', '\x01vorbis', 'Speex   ', '\x7fFLAC'].some(name => at(packet, name));
}

/** ID3v2: version, revision, flags, and a size whose bytes have seven bits each. */
function isTag(head: Uint8Array): boolean {
  return head.byteLength >= 10 && head[3]! < 0xff && head[4]! < 0xff && head.subarray(6, 10).every(byte => byte < 0x80);
}

/** Kilobits a second of layer III, by the number in the header. */
const BITRATES_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const BITRATES_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44_100, 48_000, 32_000];

/** Two bytes are soon found in anything: the first frame must be whole, and the next one begin where it ends. */
function isFrames(head: Uint8Array): boolean {
  const first = frameBytes(head, 0);
  if (first === null || head.byteLength < first) return false;
  return head.byteLength < first + 4 || frameBytes(head, first) !== null;
}

/** How long the frame is whose header stands there; null when none does. */
function frameBytes(head: Uint8Array, offset: number): number | null {
  const [a, b, c] = [head[offset], head[offset + 1], head[offset + 2]];
  if (a === undefined || b === undefined || c === undefined) return null;
  const version = (b >> 3) & 0b11;
  const layer = (b >> 1) & 0b11;
  if (a !== 0xff || b >> 5 !== 0b111 || version === 0b01 || layer !== 0b01) return null;
  const isMpeg1 = version === 0b11;
  const kilobits = (isMpeg1 ? BITRATES_MPEG1 : BITRATES_MPEG2)[c >> 4] ?? 0;
  const rate = SAMPLE_RATES[(c >> 2) & 0b11];
  if (kilobits === 0 || rate === undefined) return null;
  // MPEG 2 halves the sample rates, 2.5 halves them again.
  const sampleRate = isMpeg1 ? rate : version === 0b10 ? rate / 2 : rate / 4;
  return Math.floor(((isMpeg1 ? 144 : 72) * kilobits * 1000) / sampleRate) + ((c >> 1) & 1);
}
