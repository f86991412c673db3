/**
 * The reader for what people paste out of the vendor's guide. Its printed example of event 30012 quotes the message without
 * escaping the quotes and breaks its lines (docs/yeastar.md, section 1.1):
 *
 *     {"type":30012,"sn":"S","msg":"{
 *     "call_id":"1651057476.362", … }"
 *     }
 *
 * A real PBX escapes correctly, so this costs nothing until the ordinary parser has refused the text. Every step walks the
 * text once: a bomb of braces or quotes takes as long as any other text of its size.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const BYTE_ORDER_MARK = 0xfeff;

const MESSAGE_KEY = '"msg"';

/** A text copied by hand has a line break in a string here and there; mending a million of them takes a while. */
const MENDED_CONTROLS_MAX = 1000;

/** Reads JSON, or JSON whose `msg` is quoted the guide's way. Throws a SyntaxError that quotes nothing of the text. */
export function readLenientJson(text: string): unknown {
  const marked = text.charCodeAt(0) === BYTE_ORDER_MARK;
  const json = marked ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch {
    const mended = mend(json);
    if (mended !== null) return parseQuietly(mended);
    throw new SyntaxError('the text is not JSON, not even leniently');
  }
}

/** The platform's message shows a piece of the text, which may hold a number or a PIN. */
function parseQuietly(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new SyntaxError('the text is not JSON, not even leniently');
  }
}

/** The text with its `msg` unquoted and control characters inside strings escaped; null when it cannot be. */
function mend(text: string): string | null {
  const quote = findQuotedMessage(text);
  if (quote === null) return null;
  const open = skipBlanks(text, quote + 1);
  // Quotes escaped by hand but lines still broken: the string is a string, only its line breaks are wrong.
  if (text.charCodeAt(skipBlanks(text, open + 1)) === BACKSLASH) return escapeControls(text);
  const close = findClosingBrace(text, open);
  if (close === -1) return null;
  const end = skipBlanks(text, close + 1);
  if (text.charCodeAt(end) !== QUOTE) return null;
  return escapeControls(`${text.slice(0, quote)}${text.slice(open, close + 1)}${text.slice(end + 1)}`);
}

/** Position of the quote that opens the first `"msg":"{`, blanks allowed between the signs. */
function findQuotedMessage(text: string): number | null {
  for (let at = text.indexOf(MESSAGE_KEY); at !== -1; at = text.indexOf(MESSAGE_KEY, at + MESSAGE_KEY.length)) {
    const colon = skipBlanks(text, at + MESSAGE_KEY.length);
    if (text[colon] !== ':') continue;
    const quote = skipBlanks(text, colon + 1);
    if (text.charCodeAt(quote) === QUOTE && text.charCodeAt(skipBlanks(text, quote + 1)) === OPEN) return quote;
  }
  return null;
}

/** The brace that closes the one at `open`, braces inside strings not counted; -1 when there is none. */
function findClosingBrace(text: string, open: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = open; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === OPEN) depth += 1;
    else if (code === CLOSE) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === 0x0a || code === 0x0d || code === 0x09;
}

/** JSON forbids control characters inside strings; outside of them they are blanks and stay. Null when too many. */
function escapeControls(text: string): string | null {
  let escaped = '';
  let count = 0;
  let copied = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) quoted = !quoted;
    else if (!quoted) continue;
    else if (code === BACKSLASH) at += 1;
    else if (code < SPACE) {
      count += 1;
      if (count > MENDED_CONTROLS_MAX) return null;
      escaped += `${text.slice(copied, at)}\\u${code.toString(16).padStart(4, '0')}`;
      copied = at + 1;
    }
  }
  return escaped + text.slice(copied);
}
