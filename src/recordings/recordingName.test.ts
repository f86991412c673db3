import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AudioFormat } from './audioFormat.ts';
import { recordingName } from './recordingName.ts';

const CASES: readonly (readonly [name: string | null, url: string | null, format: AudioFormat, called: string])[] = [
  ['call.mp3', 'https://pbx.example/x.wav', 'mp3', 'call.mp3'],
  ['Call.MP3', null, 'mp3', 'Call.MP3'],
  ['call.wav', null, 'mp3', 'call.wav.mp3'],
  ['call', null, 'flac', 'call.flac'],
  ['call.opus', null, 'ogg', 'call.opus'],
  ['20260924000430-1790197458.5215-1000.wav', null, 'wav', '20260924000430-1790197458.5215-1000.wav'],
  [null, 'https://pbx.example/rec/2026/call.wav?token=hunter2#t', 'wav', 'call.wav'],
  [null, 'https://pbx.example/get.php?id=5', 'mp3', 'get.php.mp3'],
  [null, 'https://pbx.example/Gespr%C3%A4ch%201.mp3', 'mp3', 'Gespräch 1.mp3'],
  [null, 'https://pbx.example/a%2F..%2Fb.mp3', 'mp3', 'b.mp3'],
  [null, 'https://pbx.example/a%ZZ.mp3', 'mp3', 'a%ZZ.mp3'],
  [null, 'https://pbx.example/', 'wav', 'recording.wav'],
  [null, 'not a URL', 'wav', 'recording.wav'],
  [null, null, 'm4a', 'recording.m4a'],
  ['', 'https://pbx.example/call.wav', 'wav', 'call.wav'],
  ['   ', null, 'wav', 'recording.wav'],
  ['../../etc/passwd', null, 'wav', 'passwd.wav'],
  ['C:\\rec\\call.wav', null, 'wav', 'call.wav'],
  ['..', null, 'wav', 'recording.wav'],
  ['.hidden.wav', null, 'wav', 'hidden.wav'],
  ['a\r\nb\0c".wav', null, 'wav', 'ab\ufffdc.wav'],
  ['\u202egpj.wav', null, 'wav', 'gpj.wav'],
  ['\ud800.wav', null, 'wav', '\ufffd.wav'],
  [`${'x'.repeat(500)}.wav`, null, 'wav', `${'x'.repeat(196)}.wav`],
  ['😀'.repeat(300), null, 'wav', `${'😀'.repeat(200)}.wav`],
];

for (const [name, url, format, called] of CASES) {
  test(`recordingName - ${JSON.stringify(name?.slice(0, 40) ?? url)} as ${format}`, () =>
    assert.equal(recordingName(name, url, format), called));
}
