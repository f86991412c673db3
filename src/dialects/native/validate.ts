import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type FieldProblem, Problem } from './problem.ts';
import { NOT_BLANK } from './schemas.ts';

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** Listed at most in one answer: enough to mend a body, too few to make answers large. */
const ERRORS_SHOWN = 20;

/**
 * Checks without coercing, filling in or removing anything; every problem names its field. Only the digits of a parameter
 * that is an integer become a number: a URL has nothing but text.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  const inUrl = httpPart === 'params' || httpPart === 'querystring';
  const integers = inUrl ? integersOf(schema) : [];
  const lists = inUrl ? listsOf(schema) : [];
  return (given: unknown) => {
    const listed = lists.length === 0 ? given : withLists(given as Record<string, unknown>, lists);
    const value = integers.length === 0 ? listed : withNumbers(listed as Record<string, unknown>, integers);
    if (validator.Check(value)) return { value };
    const described = describe(validator.Errors(value) as readonly SchemaError[], renamedIn(schema));
    // Of a parameter that was repeated, the parameter is wrong.
    const errors = inUrl
      ? described.map(each => ofParameter(each, given as Record<string, unknown>, lists))
      : described;
    const detail = errors.map(each => `${each.field} ${each.detail}`).join('; ');
    return { error: new Problem('invalid', detail, errors) };
  };
};

function ofParameter(
  { field, detail }: FieldProblem,
  given: Readonly<Record<string, unknown>>,
  lists: readonly string[],
): FieldProblem {
  const name = field.replace(/\[\d+\]$/, '');
  const isJoined = lists.includes(name) && [given[name]].flat().some(each => String(each).includes(','));
  return { field: name, detail: isJoined ? `${detail}; several are given as ${name}=…&${name}=…` : detail };
}

interface Property {
  readonly type?: string;
  readonly items?: Property;
  readonly anyOf?: readonly Property[];
}

const propertiesOf = (schema: TSchema): Readonly<Record<string, Property>> =>
  (schema as { readonly properties?: Readonly<Record<string, Property>> }).properties ?? {};
/** Fields that were called otherwise before, by their old names. */
const renamedIn = (schema: TSchema): Readonly<Record<string, string>> =>
  (schema as { readonly 'x-renamed'?: Readonly<Record<string, string>> })['x-renamed'] ?? {};

function integersOf(schema: TSchema): string[] {
  const properties = propertiesOf(schema);
  return Object.keys(properties).filter(name => {
    const { type, items } = properties[name]!;
    return type === 'integer' || items?.type === 'integer' || items?.anyOf?.some(each => each.type === 'integer');
  });
}

function listsOf(schema: TSchema): string[] {
  const properties = propertiesOf(schema);
  return Object.keys(properties).filter(name => properties[name]!.type === 'array');
}

/** A parameter that may be repeated and was given once is a list of one. */
function withLists(given: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const read = { ...given };
  for (const name of names) if (typeof read[name] === 'string') read[name] = [read[name]];
  return read;
}

/** Fifteen digits are exact as a number; more are no id and no count. */
const DIGITS = /^(?:0|[1-9]\d{0,14})$/;

const asNumber = (text: unknown): unknown => (typeof text === 'string' && DIGITS.test(text) ? Number(text) : text);

function withNumbers(given: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const read = { ...given };
  for (const name of names) {
    const value = read[name];
    if (value !== undefined) read[name] = Array.isArray(value) ? value.map(asNumber) : asNumber(value);
  }
  return read;
}

function describe(errors: readonly SchemaError[], renamed: Readonly<Record<string, string>>): FieldProblem[] {
  const byField = new Map<string, string>();
  for (const error of errors) {
    const { keyword, instancePath, params, message } = error;
    const at = fieldOf(instancePath);
    if (keyword === 'boolean') continue;
    if (keyword === 'required') {
      for (const name of (params as { requiredProperties?: string[] }).requiredProperties ?? []) {
        byField.set(join(at, name), 'is missing');
      }
    } else if (keyword === 'additionalProperties') {
      for (const name of (params as { additionalProperties?: string[] }).additionalProperties ?? []) {
        const now = at === 'body' && Object.hasOwn(renamed, name) ? `: ${name} is now ${renamed[name]}` : '';
        byField.set(join(at, name.slice(0, 64)), `is not known${now}`);
      }
    } else if (keyword === 'anyOf') {
      byField.set(at, alternatives(errors, instancePath) ?? message);
    } else if (keyword !== 'const' && !byField.has(at)) {
      byField.set(at, sentence(error));
    }
  }
  const shown = [...byField].slice(0, ERRORS_SHOWN);
  // Of a list with a wrong item it is also said that it could have been null: only the item is wrong.
  const isInside = (outer: string) => shown.some(([field]) => field.startsWith(`${outer}[`));
  return shown.filter(([field]) => !isInside(field)).map(([field, detail]) => ({ field, detail }));
}

function sentence({ keyword, params, message }: SchemaError): string {
  const { allowedValues, pattern } = params as { allowedValues?: readonly unknown[]; pattern?: unknown };
  if (keyword === 'pattern' && String(pattern) === NOT_BLANK) return 'must not be blank';
  return keyword === 'enum' && allowedValues !== undefined ? `must be one of ${allowedValues.join(', ')}` : message;
}

/** `must be number or null, or match pattern …`; null when none of the alternatives is about the value itself. */
function alternatives(errors: readonly SchemaError[], path: string): string | null {
  const kinds = new Set<string>();
  const others = new Set<string>();
  for (const error of errors) {
    const { keyword, instancePath, params } = error;
    if (instancePath !== path || keyword === 'anyOf') continue;
    const { allowedValue } = params as { allowedValue?: unknown };
    const message = sentence(error);
    if (keyword === 'const') kinds.add(String(allowedValue));
    else if (keyword === 'minimum') kinds.add(`a number from ${(params as { limit: number }).limit}`);
    else if (message.startsWith('must be ')) kinds.add(message.slice('must be '.length));
    else others.add(message.replace(/^must /, ''));
  }
  // A word that is one of the alternatives is a string, and no other string is.
  if (errors.some(each => each.keyword === 'const' && each.instancePath === path)) kinds.delete('string');
  const options = [...(kinds.size > 0 ? [`be ${[...kinds].join(' or ')}`] : []), ...others];
  return options.length > 0 ? `must ${options.join(', or ')}` : null;
}

const join = (at: string, name: string) => (at === 'body' ? name : `${at}.${name}`);

function fieldOf(path: string): string {
  if (path === '') return 'body';
  return path
    .slice(1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
    .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.');
}
