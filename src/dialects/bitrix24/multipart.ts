/** Multipart bodies as they stand on the wire, where the platform's reader would make objects of megabytes. */
import { ParamsProblem } from './paramsLimits.ts';

/** A name, a file name and a type, several times over. */
const HEAD_MAX_BYTES = 16 * 1024;
const BLANK_LINE = '\r\n\r\n';
const DASH = 0x2d;

const isMultipart = (contentType: string | null): contentType is string => /^\s*multipart\//i.test(contentType ?? '');

/** What stands between the parts, without its dashes; null for a body of another type, or one that does not say. */
export function boundaryOf(contentType: string | null): string | null {
  if (!isMultipart(contentType)) return null;
  const found = /boundary=(?:"(?<quoted>[^"]+)"|(?<plain>[^;\s]+))/i.exec(contentType)?.groups;
  return found?.['quoted'] ?? found?.['plain'] ?? null;
}

export interface PartHead {
  readonly name: string;
  /** Null: a field and no file. */
  readonly fileName: string | null;
}

export interface PartSpan extends PartHead {
  /** Where its bytes begin and end in the body. */
  readonly start: number;
  readonly end: number;
}

/** The parts of a whole body, as far as it is one: who reads it says what is wrong with it. */
export function* partsOf(body: Buffer, boundary: string): Generator<PartSpan> {
  const delimiter = `\r\n--${boundary}`;
  const opening = delimiter.slice(2);
  const first = body.indexOf(opening);
  for (let after = first + opening.length; first !== -1; ) {
    if (isLast(body, after)) return;
    const headEnd = body.indexOf(BLANK_LINE, after);
    if (headEnd === -1 || headEnd - after > HEAD_MAX_BYTES) return;
    const start = headEnd + BLANK_LINE.length;
    const end = body.indexOf(delimiter, start);
    if (end === -1) return;
    yield { ...headOf(body.subarray(after, headEnd)), start, end };
    after = end + delimiter.length;
  }
}

/**
 * The bytes of the file in a body that is still on its way: of the part with this name, or of the first that is a file.
 * Nothing when there is none. Throws `ParamsProblem` when the body is not what it says it is.
 */
export async function* filePart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  name: string,
): AsyncGenerator<Uint8Array> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter may begin the body.
  let pending: Buffer = Buffer.from('\r\n');
  let where: 'before' | 'head' | 'file' = 'before';
  for await (const piece of source) {
    pending = pending.byteLength === 0 ? asBuffer(piece) : Buffer.concat([pending, piece]);
    for (;;) {
      if (where === 'head') {
        if (isLast(pending, 0)) return;
        const headEnd = pending.indexOf(BLANK_LINE);
        if (headEnd === -1 && pending.byteLength > HEAD_MAX_BYTES) throw notMultipart();
        if (headEnd === -1) break;
        const head = headOf(pending.subarray(0, headEnd));
        where = head.name === name || head.fileName !== null ? 'file' : 'before';
        pending = pending.subarray(headEnd + BLANK_LINE.length);
      }
      const end = pending.indexOf(delimiter);
      // What may be the beginning of a delimiter waits for the rest of it.
      const known = end === -1 ? Math.max(pending.byteLength - delimiter.byteLength + 1, 0) : end;
      if (where === 'file' && known > 0) yield pending.subarray(0, known);
      if (where === 'file' && end !== -1) return;
      pending = pending.subarray(end === -1 ? known : end + delimiter.byteLength);
      if (end === -1) break;
      where = 'head';
    }
  }
  throw notMultipart();
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const isLast = (bytes: Uint8Array, at: number): boolean => bytes[at] === DASH && bytes[at + 1] === DASH;

const notMultipart = () => new ParamsProblem('The body is not the multipart form that its content type says.');

function headOf(head: Buffer): PartHead {
  const text = head.toString('utf8');
  return { name: quotedOrPlain(text, NAME) ?? '', fileName: quotedOrPlain(text, FILE_NAME) };
}

const NAME = /content-disposition:[^\r\n]*?[;\s]name=(?:"(?<quoted>[^"\r\n]*)"|(?<plain>[^;\s]+))/i;
const FILE_NAME = /content-disposition:[^\r\n]*?[;\s]filename\*?=(?:"(?<quoted>[^"\r\n]*)"|(?<plain>[^;\s]+))/i;

function quotedOrPlain(text: string, pattern: RegExp): string | null {
  const found = pattern.exec(text)?.groups;
  return found?.['quoted'] ?? found?.['plain'] ?? null;
}
