/**
 * Names in PHP's bracket syntax (`FILTER[>=CALL_START_DATE]`, `USER_ID[]`, `MESSAGES[0][SIDE]`) and the pairs of a form or
 * query that carry them (docs/bitrix24.md, section 2.2). Bounded, linear, and nothing is dropped but empty pairs.
 */
import { DEPTH_MAX, KEY_MAX_CHARS, keyTooLong, tooDeep, tooManyValues, VALUES_MAX } from './paramsLimits.ts';
import type { ParamMap, ParamValue } from './paramsValue.ts';

const LIST_KEY = /^(?:0|[1-9]\d{0,14})$/;

class Branch {
  readonly children = new Map<string, Branch | ParamValue>();
  /** What `[]` appends under: one more than the highest number, as in PHP. */
  private next = 0;
  /** Whether the keys so far are 0, 1, 2 … in this order. */
  private inOrder = true;

  put(key: string | null, child: Branch | ParamValue): void {
    const name = key ?? String(this.next);
    if (!this.children.has(name)) {
      if (name !== String(this.children.size)) this.inOrder = false;
      if (LIST_KEY.test(name)) this.next = Math.max(this.next, Number(name) + 1);
    }
    this.children.set(name, child);
  }

  /** The branch under a key, which takes the place of a scalar: what comes later wins. */
  branch(key: string | null): Branch {
    const there = key === null ? undefined : this.children.get(key);
    if (there instanceof Branch) return there;
    const branch = new Branch();
    this.put(key, branch);
    return branch;
  }

  value(): ParamValue {
    return this.inOrder ? [...this.children.values()].map(settled) : this.map();
  }

  map(): ParamMap {
    return new Map([...this.children].map(([key, child]) => [key, settled(child)]));
  }
}

const settled = (child: Branch | ParamValue): ParamValue => (child instanceof Branch ? child.value() : child);

/** Collects values under their names. */
export class BracketTree {
  private readonly root = new Branch();
  private values = 0;

  /** Throws `ParamsProblem` when there are too many, or the name is too long or too deep. */
  add(name: string, value: ParamValue): void {
    this.values += 1;
    if (this.values > VALUES_MAX) throw tooManyValues();
    if (name.length > KEY_MAX_CHARS) throw keyTooLong();
    if (name === '') return;
    const path = pathOf(name);
    const last = path.pop()!;
    if (path.length > DEPTH_MAX) throw tooDeep();
    let branch = this.root;
    for (const key of path) branch = branch.branch(key);
    branch.put(last, value);
  }

  /** A branch whose keys are 0 to n-1 is a list. */
  params(): ParamMap {
    return this.root.map();
  }
}

/**
 * The keys in a name, null for `[]`. What PHP cannot take for brackets is a part of the name; what it leaves out, behind
 * a closing bracket, is left out.
 */
function pathOf(name: string): (string | null)[] {
  const first = name.indexOf('[');
  if (first <= 0 || name.indexOf(']', first) === -1) return [name];
  const path: (string | null)[] = [name.slice(0, first)];
  for (let open = first; name[open] === '['; ) {
    const close = name.indexOf(']', open);
    if (close === -1) break;
    path.push(close === open + 1 ? null : name.slice(open + 1, close));
    open = close + 1;
  }
  return path;
}

/** Adds the pairs of a query or form. Throws as `add`. */
export function addPairs(tree: BracketTree, text: string): void {
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf('&', from);
    const end = found === -1 ? text.length : found;
    const pair = text.slice(from, end);
    const equals = endOfName(pair);
    if (equals === -1) tree.add(decodePart(pair), '');
    else tree.add(decodePart(pair.slice(0, equals)), decodePart(pair.slice(equals + 1)));
    from = end + 1;
  }
}

/**
 * Place of the equals sign that ends the name, -1 without one. Those inside plain brackets belong to it, which PHP does
 * not see: `FILTER[>=ID]=1` is what people write.
 */
function endOfName(pair: string): number {
  let inBrackets = false;
  for (let at = 0; at < pair.length; at += 1) {
    const code = pair.charCodeAt(at);
    if (code === 0x5b) inBrackets = true;
    else if (code === 0x5d) inBrackets = false;
    else if (code === 0x3d && !inBrackets) return at;
  }
  return inBrackets ? pair.indexOf('=') : -1;
}

/** The name or the value of a pair. */
export function decodePart(part: string): string {
  return decodePercents(part.includes('+') ? part.replaceAll('+', ' ') : part);
}

/** Percents that stand before no two hex digits stay as they are; bytes that are no UTF-8 become U+FFFD. */
export function decodePercents(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeBroken(text);
  }
}

function decodeBroken(text: string): string {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const high = bytes[at] === 0x25 ? hexDigit(bytes[at + 1]) : -1;
    const low = high === -1 ? -1 : hexDigit(bytes[at + 2]);
    if (low === -1) bytes[length] = bytes[at]!;
    else {
      bytes[length] = high * 16 + low;
      at += 2;
    }
    length += 1;
  }
  return bytes.toString('utf8', 0, length);
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
