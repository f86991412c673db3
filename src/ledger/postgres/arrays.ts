/**
 * All values of a column in one parameter: an array in PostgreSQL's binary form, which costs neither quoting nor, for
 * bytes, twice their size. What such a column cannot hold is refused here, before anything is sent.
 */
import { EngineFault } from '../engine.ts';
import type { Column } from '../entity.ts';
import { type Shape, writeJson } from '../storedJson.ts';

type ColumnType = Column<unknown>['type'];

/** Of the elements: int8, text, bytea, bool. */
const ELEMENT_OIDS: Readonly<Record<ColumnType, number>> = { integer: 20, text: 25, json: 25, bytes: 17, boolean: 16 };

const HEADER_BYTES = 20;
const NULL = -1;

/** `what` names the column, for the fault; `shape` is that of its JSON. */
export function encodeArray(
  type: ColumnType,
  values: readonly unknown[],
  what: string,
  shape: Shape | null = null,
): Buffer {
  const elements = values.map(value => elementOf(type, value, what, shape));
  let size = HEADER_BYTES;
  let hasNull = 0;
  for (const element of elements) {
    size += 4;
    if (element === null) hasNull = 1;
    else size += typeof element === 'string' ? Buffer.byteLength(element) : sizeOf(element);
  }
  const buffer = Buffer.allocUnsafe(size);
  const header = [values.length === 0 ? 0 : 1, hasNull, ELEMENT_OIDS[type], values.length, 1];
  let at = 0;
  for (const each of header) at = buffer.writeInt32BE(each, at);
  // An array without elements has no dimensions, and nothing is said about them.
  if (values.length === 0) return buffer.subarray(0, 12);
  for (const element of elements) {
    if (element === null) {
      at = buffer.writeInt32BE(NULL, at);
    } else if (typeof element === 'string') {
      const written = buffer.write(element, at + 4);
      buffer.writeInt32BE(written, at);
      at += 4 + written;
    } else if (typeof element === 'number') {
      at = buffer.writeInt32BE(8, at);
      at = buffer.writeInt32BE(Math.floor(element / 2 ** 32), at);
      at = buffer.writeUInt32BE(element >>> 0, at);
    } else if (typeof element === 'bigint') {
      at = buffer.writeInt32BE(8, at);
      at = buffer.writeBigInt64BE(element, at);
    } else if (typeof element === 'boolean') {
      at = buffer.writeInt32BE(1, at);
      at = buffer.writeUInt8(element ? 1 : 0, at);
    } else {
      at = buffer.writeInt32BE(element.byteLength, at);
      buffer.set(element, at);
      at += element.byteLength;
    }
  }
  return buffer;
}

type Element = number | bigint | string | boolean | Uint8Array | null;

const sizeOf = (element: number | bigint | boolean | Uint8Array): number =>
  typeof element === 'number' || typeof element === 'bigint'
    ? 8
    : typeof element === 'boolean'
      ? 1
      : element.byteLength;

function elementOf(type: ColumnType, value: unknown, what: string, shape: Shape | null): Element {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'integer':
      if (Number.isSafeInteger(value)) return value as number;
      if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value;
      break;
    case 'text':
      if (typeof value === 'string') return value;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'bytes':
      if (value instanceof Uint8Array) return value;
      break;
    case 'json': {
      const text = writeJson(value, shape);
      if (typeof text === 'string') return text;
    }
  }
  throw new EngineFault('poison', `${what} is no ${type}`);
}
