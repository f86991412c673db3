import type { FastifyRequest } from 'fastify';
import { Fault } from './errors.ts';

/**
 * A number whose digits a double would not keep, such as the 18 digits of a .NET tick count: a client that finds its
 * answers by it needs exactly these back.
 */
export class ExactNumber {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}

/**
 * What clients send has five levels at most. Bayeux writes some of it back, and whoever writes JSON goes down level by
 * level: a subscription of a hundred thousand would end in the middle of an answer, with all that this carried.
 */
const MAX_LEVELS = 32;

/** The JSON of a request with a body; throws a `Fault` when there is none, or it is announced as something else. */
export function readJson(request: FastifyRequest): unknown {
  const [announced = ''] = (request.headers['content-type'] ?? '').trim().toLowerCase().split(/\s*;/, 1);
  if (announced !== '' && announced !== 'application/json') {
    throw new Fault('mediaType', 'The body must be application/json');
  }
  const raw = request.body as Buffer | undefined;
  if (raw === undefined || raw.byteLength === 0) throw new Fault('unreadable', 'The body is empty');
  const body = parseBytes(raw);
  if (isDeeper(body, MAX_LEVELS)) throw new Fault('unreadable', 'The body is nested too deeply');
  return body;
}

export function readObject(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const body = readJson(request);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Fault('unreadable', 'The body is not a JSON object');
  }
  return body as Record<string, unknown>;
}

/** Takes a byte order mark away; what is not UTF-8 is not JSON. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function parseBytes(raw: Buffer): unknown {
  try {
    return parse(UTF8.decode(raw));
  } catch {
    throw new Fault('unreadable', 'The body is not JSON');
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some(each => isDeeper(each, levels - 1));
}

/**
 * Looking at each value while it is parsed costs several times the parsing: only where there may be digits to keep. A letter of the key
 * may be written with an escape, as `\u0049`; what other escapes stand for is in no such key.
 */
const NUMBER_AS_REFERENCE = /(?:"referenceId|\\u00[\da-f]{2}[a-z]*)"\s*:\s*[-\d]/i;

function parse(text: string): unknown {
  return NUMBER_AS_REFERENCE.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

function keepDigits(key: string, value: unknown, context?: { source?: string }): unknown {
  if (key !== 'referenceId' || typeof value !== 'number') return value;
  const source = context?.source ?? String(value);
  return source === String(value) ? value : new ExactNumber(source);
}
