/** What may be written about people and programs, wherever it is written. */
import { MAX_LOGIN_LENGTH, MAX_TOKEN_LENGTH } from './authenticator.ts';

export interface TextLimits {
  readonly max: number;
  readonly pattern?: RegExp;
  /** What the pattern means: `must be …`. */
  readonly meaning?: string;
}

/** A colon cannot be sent: Basic authentication ends the login with it. */
export const LOGIN = {
  max: MAX_LOGIN_LENGTH,
  pattern: /^[^\s:](?:[^:]*[^\s:])?$/u,
  meaning: 'without a colon, and without blanks at its ends',
} as const satisfies TextLimits;
export const USER_NAME = { max: 255 } as const satisfies TextLimits;
export const EXTENSION = {
  max: 32,
  pattern: /^[0-9A-Za-z*#+._-]+$/,
  meaning: 'a number as the PBX writes it, as in "2005"',
} as const satisfies TextLimits;
export const DEVICE = {
  max: 36,
  pattern: /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/,
  meaning: 'a UUID, as in "42e3a1c6-fc5e-425b-9411-125f536fde00"',
} as const satisfies TextLimits;
export const MAX_EXTENSIONS = 100;
export const MAX_DEVICES = 20;

export const TOKEN_NAME = { max: 100 } as const satisfies TextLimits;
/** Stored as SHA-256 without salt, so it must be too long to be tried out. It travels in a header. */
export const TOKEN = {
  min: 16,
  max: MAX_TOKEN_LENGTH,
  pattern: /^[\x21-\x7e]+$/,
  meaning: 'ASCII letters, digits and signs, since it travels in a header',
} as const;

export const WEBHOOK_NAME = { max: 100 } as const satisfies TextLimits;

/** Whether a program may report an inbound call whose caller showed no number; `accept` unless said otherwise. */
export const WITHHELD_CALLERS = ['accept', 'refuse'] as const;
export type WithheldCallers = (typeof WITHHELD_CALLERS)[number];

/** What a dialect says of the webhooks that programs come in by. */
export interface WebhookRules {
  /** What the methods behind one may belong to. */
  readonly scopes: readonly string[];
  /** In clear. */
  readonly code: RegExp;
  /** `must have …`. */
  readonly codeMeaning: string;
}
