/**
 * Takes the value of one parameter, which may be a whole file, out of a body before anybody reads it: a hundred megabytes
 * are neither decoded nor copied for the sake of the few bytes beside them. What is no body of its kind stays as it is, for
 * its reader to say so.
 */
import { methodError } from './errors.ts';
import { boundaryOf, partsOf } from './multipart.ts';
import { kindOfBody, type ParamsInput } from './params.ts';
import { decodePart } from './paramsBrackets.ts';
import { KEY_MAX_CHARS } from './paramsLimits.ts';
import { type ParamMap, type ParamValue, UploadedFile, WireText } from './paramsValue.ts';

/** A value in the body: the text between the quotes, or behind the equals sign, or a part. */
interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly value: ParamValue;
}

export interface CutBody {
  /** The body with nothing in the place of the value. */
  readonly rest: Uint8Array;
  readonly cut: ParamMap;
}

/** `name` is in lower case. Throws the error for what is too large when more than `restMaxBytes` are left. */
export function cutFile(
  { contentType, body }: Pick<ParamsInput, 'contentType' | 'body'>,
  name: string,
  restMaxBytes: number,
): CutBody {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const spans: Span[] = [];
  let cutBytes = 0;
  for (const span of spansOf(contentType, bytes, () => cutBytes + restMaxBytes)) {
    if (span.name.toLowerCase() !== name) continue;
    spans.push(span);
    cutBytes += span.end - span.start;
  }
  if (bytes.byteLength - cutBytes > restMaxBytes) throw methodError('tooLarge', { BYTES: restMaxBytes });
  const left = spans.map(({ start }, i) => bytes.subarray(spans[i - 1]?.end ?? 0, start));
  const rest = spans.length === 0 ? bytes : Buffer.concat([...left, bytes.subarray(spans.at(-1)!.end)]);
  return { rest, cut: new Map(spans.map(span => [span.name, span.value])) };
}

/** How far into the body it is worth looking: beyond, what is left is too large whatever comes. */
type Reach = () => number;

function spansOf(contentType: string | null, body: Buffer, reach: Reach): Iterable<Span> {
  switch (kindOfBody(contentType, body)) {
    case 'json':
      return jsonSpans(body, reach);
    case 'form':
      return formSpans(body, reach);
    case 'multipart':
      return multipartSpans(contentType, body, reach);
  }
}

/** An empty value is none: in a form, nothing is how clients write null. */
function* formSpans(body: Buffer, reach: Reach): Generator<Span> {
  for (let from = 0; from < Math.min(body.byteLength, reach()); ) {
    const found = body.indexOf('&', from);
    const end = found === -1 ? body.byteLength : found;
    const equals = body.indexOf('=', from);
    if (equals !== -1 && equals < end && equals - from <= KEY_MAX_CHARS) {
      const start = equals + 1;
      const value = start === end ? '' : new WireText(body.subarray(start, end), 'percents');
      yield { name: decodePart(body.toString('latin1', from, equals)), start, end, value };
    }
    from = end + 1;
  }
}

function* multipartSpans(contentType: string | null, body: Buffer, reach: Reach): Generator<Span> {
  const boundary = boundaryOf(contentType);
  if (boundary === null) return;
  for (const { name, fileName, start, end } of partsOf(body, boundary)) {
    const bytes = body.subarray(start, end);
    const text = start === end ? '' : new WireText(bytes, 'none');
    yield { name, start, end, value: fileName === null ? text : new UploadedFile(fileName, '', bytes) };
    if (end > reach()) return;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING = [0x7b, 0x5b];
const CLOSING = [0x7d, 0x5d];
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** No base64 has one, other texts have few, and each costs a look. */
const BACKSLASHES_BEFORE_QUOTES_MAX = 100_000;

/** The texts of the outermost object. */
function* jsonSpans(body: Buffer, reach: Reach): Generator<Span> {
  const isMarked = body.subarray(0, BYTE_ORDER_MARK.byteLength).equals(BYTE_ORDER_MARK);
  const walk = new JsonWalk(body, isMarked ? BYTE_ORDER_MARK.byteLength : 0, reach);
  if (!walk.steps(OPENING[0]!)) return;
  do {
    const key = walk.text();
    if (key === null || !walk.steps(COLON)) return;
    const text = walk.text();
    if (text !== null) {
      const [start, end] = text;
      const value = new WireText(body.subarray(start, end), 'json');
      yield { name: keyOf(body.subarray(key[0] - 1, key[1] + 1)), start, end, value };
    } else if (!walk.value()) return;
  } while (walk.steps(COMMA));
}

function keyOf(quoted: Buffer): string {
  if (quoted.byteLength > KEY_MAX_CHARS) return '';
  try {
    return String(JSON.parse(quoted.toString('utf8')));
  } catch {
    return '';
  }
}

/** Finds its way through JSON without reading it: texts are passed over at the speed of memory. */
class JsonWalk {
  private readonly body: Buffer;
  private readonly reach: Reach;
  private at: number;
  private backslashes = 0;

  constructor(body: Buffer, at: number, reach: Reach) {
    this.body = body;
    this.at = at;
    this.reach = reach;
  }

  /** Over this sign, when it comes next. */
  steps(sign: number): boolean {
    this.skipBlanks();
    if (this.body[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  /** Over a text, when one comes next: where it begins and ends between its quotes. */
  text(): readonly [number, number] | null {
    this.skipBlanks();
    if (this.body[this.at] !== QUOTE) return null;
    const start = this.at + 1;
    const end = this.endOfText(start);
    if (end === -1) return null;
    this.at = end + 1;
    return [start, end];
  }

  /** Over anything else, up to the comma or bracket behind it. */
  value(): boolean {
    for (let depth = 0; this.isWithin(); ) {
      const sign = this.body[this.at]!;
      if (sign === QUOTE) {
        if (this.text() === null) return false;
        continue;
      }
      if (depth === 0 && (sign === COMMA || CLOSING.includes(sign))) return true;
      if (OPENING.includes(sign)) depth += 1;
      else if (CLOSING.includes(sign)) depth -= 1;
      this.at += 1;
    }
    return false;
  }

  private skipBlanks(): void {
    while (this.isWithin() && BLANKS.has(this.body[this.at]!)) this.at += 1;
  }

  private isWithin(): boolean {
    return this.at < Math.min(this.body.byteLength, this.reach());
  }

  /** A quote behind an odd number of backslashes belongs to the text. */
  private endOfText(start: number): number {
    for (let end = this.body.indexOf(QUOTE, start); end !== -1; end = this.body.indexOf(QUOTE, end + 1)) {
      let before = 0;
      while (this.body[end - 1 - before] === BACKSLASH && this.backslashes < BACKSLASHES_BEFORE_QUOTES_MAX) {
        before += 1;
        this.backslashes += 1;
      }
      if (this.backslashes >= BACKSLASHES_BEFORE_QUOTES_MAX) return -1;
      if (before % 2 === 0) return end;
    }
    return -1;
  }
}

const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
