/**
 * Base64 as it stands in a request, back into bytes, piece by piece: a hundred megabytes at once would keep everybody else
 * waiting. Clients leave their marks on it (docs/bitrix24.md, section 11.4): PHP escapes each slash in JSON, C# each plus,
 * forms have percents, MIME has lines; and a plus that nobody encoded has become a blank.
 */
import { setImmediate } from 'node:timers/promises';
import { methodError } from './errors.ts';
import { WireText } from './paramsValue.ts';

/** Takes about two milliseconds. */
const PIECE_BYTES = 256 * 1024;
const QUANTUM = 4;

/** Throws the method's error where it is not base64. A text is one whose plus signs a query has made blanks. */
export async function* decodeBase64(given: WireText | string, pieceBytes = PIECE_BYTES): AsyncGenerator<Uint8Array> {
  const { bytes, escapes } =
    given instanceof WireText ? given : new WireText(Buffer.from(given.replaceAll(' ', '+')), 'none');
  const decoder = new Decoder(escapes);
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    const decoded = decoder.add(latin1(bytes.subarray(at, at + pieceBytes)));
    if (decoded.byteLength > 0) yield decoded;
    await setImmediate();
  }
  const last = decoder.end();
  if (last.byteLength > 0) yield last;
}

/** One sign a byte: what is beyond ASCII stays what is no base64. */
const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

class Decoder {
  private readonly escapes: WireText['escapes'];
  /** An escape whose end has not come. */
  private halfEscape = '';
  /** Fewer signs than make whole bytes. */
  private rest = '';
  private padding = 0;

  constructor(escapes: WireText['escapes']) {
    this.escapes = escapes;
  }

  add(piece: string): Buffer {
    const text = this.unescaped(this.halfEscape + piece).replace(/[ \t\r\n]+/g, '');
    const found = text.indexOf('=');
    const signs = found === -1 ? text : text.slice(0, found);
    // Behind padding comes padding.
    if (this.padding > 0 && signs !== '') throw notBase64();
    if (found !== -1 && !/^=+$/.test(text.slice(found))) throw notBase64();
    this.padding += text.length - signs.length;
    if (/[^A-Za-z0-9+/]/.test(signs)) throw notBase64();
    const all = this.rest + signs;
    const whole = all.length - (all.length % QUANTUM);
    this.rest = all.slice(whole);
    return Buffer.from(all.slice(0, whole), 'base64');
  }

  end(): Buffer {
    // Six bits are no byte; padding may be left out, and must fit when it is there.
    const lacking = (QUANTUM - this.rest.length) % QUANTUM;
    const isWhole = this.halfEscape === '' && this.rest.length !== 1;
    if (!isWhole || (this.padding !== 0 && this.padding !== lacking)) throw notBase64();
    return Buffer.from(this.rest, 'base64');
  }

  private unescaped(text: string): string {
    if (this.escapes === 'none') return text;
    const { half, usual, any, value } = ESCAPES[this.escapes];
    this.halfEscape = half.exec(text)?.[0] ?? '';
    const complete = text.slice(0, text.length - this.halfEscape.length);
    const mostly = usual.reduce((done, [written, sign]) => done.replaceAll(written, sign), complete);
    return mostly.replace(any, value);
  }
}

interface Escapes {
  /** At the end of a piece. */
  readonly half: RegExp;
  /** Those that come by the thousand, each replaced in one go. */
  readonly usual: readonly (readonly [string, string])[];
  readonly any: RegExp;
  readonly value: (written: string, code: string | undefined) => string;
}

const ESCAPES: Readonly<Record<'json' | 'percents', Escapes>> = {
  json: {
    half: /\\(?:u[0-9a-f]{0,3})?$/i,
    usual: [
      ['\\/', '/'],
      ['\\u002B', '+'],
      ['\\u002F', '/'],
      ['\\r\\n', ''],
      ['\\n', ''],
    ],
    any: /\\(?:u([0-9a-f]{4})|.)/gis,
    value: (written, code) =>
      code === undefined ? (JSON_SIGNS[written] ?? written) : String.fromCharCode(Number.parseInt(code, 16)),
  },
  percents: {
    half: /%[0-9a-f]?$/i,
    usual: [
      ['%2B', '+'],
      ['%2F', '/'],
      ['%3D', '='],
      ['%0D%0A', ''],
    ],
    any: /%([0-9a-f]{2})/gi,
    value: (_, code) => String.fromCharCode(Number.parseInt(code!, 16)),
  },
};

/** What base64 may have between its signs; any other escape stays and is none. */
const JSON_SIGNS: Readonly<Record<string, string>> = { '\\r': '\r', '\\n': '\n', '\\t': '\t' };

const notBase64 = () => methodError('fileEncoding');
