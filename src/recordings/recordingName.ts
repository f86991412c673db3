import { cleanText } from '../values/text.ts';
import type { AudioFormat } from './audioFormat.ts';

/** What file systems and headers can hold. */
const LONGEST_NAME = 200;
/** Control characters, what separates folders, what Windows does not take, and what turns the direction of text. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]/gu;

/**
 * What a recording is called: the given name, else the last part of the URL's path, without folders and with an ending that
 * says what it is.
 */
export function recordingName(name: string | null, url: string | null, format: AudioFormat): string {
  const told = fitName(name ?? '') || fitName(lastPart(url)) || 'recording';
  const ending = /\.(?<ending>[a-z0-9]{2,4})$/i.exec(told)?.groups?.['ending']?.toLowerCase() ?? '';
  return ENDINGS[format].includes(ending) ? told : `${told}.${format}`;
}

const ENDINGS: Readonly<Record<AudioFormat, readonly string[]>> = {
  mp3: ['mp3'],
  wav: ['wav', 'wave'],
  flac: ['flac'],
  ogg: ['ogg', 'oga', 'opus', 'spx'],
  m4a: ['m4a', 'mp4', 'm4b'],
};

function fitName(text: string): string {
  const base = cleanText(text).split(/[/\\]/).at(-1)!;
  // A long name keeps its end: that is where its ending is.
  return [...base.replace(UNFIT, '').trim().replace(/^\.+/, '')].slice(-LONGEST_NAME).join('');
}

function lastPart(url: string | null): string {
  const path = URL.parse(url ?? '')?.pathname ?? '';
  try {
    return decodeURIComponent(path.split('/').at(-1)!);
  } catch {
    return path.split('/').at(-1)!;
  }
}
