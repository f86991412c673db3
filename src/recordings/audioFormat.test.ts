import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AUDIO_FORMATS, type AudioFormat, audioFormat, SNIFF_BYTES } from './audioFormat.ts';
import { flac, mp3, mp3Frames, mp4, ogg, taggedMp3, wav } from './testing/testAudio.ts';

const rf64 = wav();
rf64.write('RF64', 0, 'latin1');

const CASES: readonly (readonly [what: string, bytes: Uint8Array, format: AudioFormat | null])[] = [
  ['a WAV', wav(), 'wav'],
  ['a WAV without sound', wav(0), 'wav'],
  ['an RF64', rf64, 'wav'],
  ['an AVI', Buffer.from('RIFF\x10\0\0\0AVI LIST', 'latin1'), null],
  ['a WebP', Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1'), null],
  ['the beginning of a RIFF', Buffer.from('RIFF\x10\0\0\0WAV', 'latin1'), null],
  ['a FLAC', flac(), 'flac'],
  ['Opus in Ogg', ogg(), 'ogg'],
  ['Vorbis in Ogg', ogg('\x01vorbis'), 'ogg'],
  ['Speex in Ogg', ogg('Speex   '), 'ogg'],
  ['FLAC in Ogg', ogg('\x7fFLAC'), 'ogg'],
  ['video in Ogg', ogg('\x80theora'), null],
  ['an M4A', mp4(), 'm4a'],
  ['an audio book', mp4('M4B '), 'm4a'],
  ['an MP4', mp4('isom'), 'm4a'],
  ['a HEIC picture', mp4('heic'), null],
  ['a QuickTime film', mp4('qt  '), null],
  ['an MP3', mp3(), 'mp3'],
  ['an MP3 of one frame', mp3(1), 'mp3'],
  ['an MP3 with a tag', taggedMp3(), 'mp3'],
  ['MPEG 2 layer III, 64 kbit/s, 22.05 kHz', mp3Frames([0xff, 0xf3, 0x80, 0xc0], 208, 3), 'mp3'],
  ['MPEG 2.5 layer III, 16 kbit/s, 8 kHz', mp3Frames([0xff, 0xe3, 0x28, 0xc0], 144, 3), 'mp3'],
  ['MPEG 1 layer III, 320 kbit/s, 32 kHz, padded', mp3Frames([0xff, 0xfb, 0xea, 0x00], 1_441, 3), 'mp3'],
  ['an MP3 that is not whole', mp3(1).subarray(0, 400), null],
  ['a frame and then something else', Buffer.concat([mp3(1), Buffer.alloc(100)]), null],
  ['an MP2', mp3Frames([0xff, 0xfd, 0x90, 0x00], 417, 3), null],
  ['an AAC stream', mp3Frames([0xff, 0xf1, 0x50, 0x80], 417, 3), null],
  ['a frame without a bit rate', mp3Frames([0xff, 0xfb, 0x00, 0x00], 417, 3), null],
  ['a frame with a wrong bit rate', mp3Frames([0xff, 0xfb, 0xf0, 0x00], 417, 3), null],
  ['a frame with a wrong sample rate', mp3Frames([0xff, 0xfb, 0x9c, 0x00], 417, 3), null],
  ['the mark of UTF-16', Buffer.from('\ufeffhello', 'utf16le'), null],
  ['a tag with a wrong size', Buffer.from('ID3\x04\0\0\x80\0\0\0', 'latin1'), null],
  ['the beginning of a tag', Buffer.from('ID3\x04', 'latin1'), null],
  ['AMR', Buffer.from('#!AMR\n', 'latin1'), null],
  ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), null],
  ['a page', Buffer.from('<!doctype html><title>Log in</title>'), null],
  ['JSON', Buffer.from('{"error":"gone"}'), null],
  ['a program', Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), null],
  ['a ZIP', Buffer.from('PK\x03\x04', 'latin1'), null],
  ['nothing', new Uint8Array(0), null],
];

describe('audioFormat', () => {
  for (const [what, bytes, format] of CASES) {
    test(`${what} - is ${format ?? 'not taken'}`, () => assert.equal(audioFormat(bytes), format));
  }

  test('what is cut anywhere - does no harm', () => {
    for (const [, bytes] of CASES) for (let n = 0; n < bytes.byteLength; n++) audioFormat(bytes.subarray(0, n));
  });

  test('text - is never audio', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: SNIFF_BYTES }), text => {
        fc.pre(!/^(?:RIFF|RF64|fLaC|OggS|ID3|.{4}ftyp)/su.test(text));
        assert.equal(audioFormat(Buffer.from(text)), null);
      }),
    );
  });

  test('every format - has a type of audio', () => {
    for (const { contentType } of Object.values(AUDIO_FORMATS)) assert.match(contentType, /^audio\/[a-z0-9]+$/);
  });
});
