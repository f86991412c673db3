import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type FieldProblem, Problem } from './problem.ts';

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** Listed at most in one answer: enough to mend a body, too few to make answers large. */
const ERRORS_SHOWN = 20;

/** Checks without coercing, filling in or removing anything; every problem names its field. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const validator = Compile(schema);
  return (value: unknown) => {
    if (validator.Check(value)) return { value };
    const errors = describe(validator.Errors(value) as readonly SchemaError[]);
    const detail = errors.map(each => `${each.field} ${each.detail}`).join('; ');
    return { error: new Problem('invalid', detail, errors) };
  };
};

function describe(errors: readonly SchemaError[]): FieldProblem[] {
  const byField = new Map<string, string>();
  for (const { keyword, instancePath, params, message } of errors) {
    const at = fieldOf(instancePath);
    if (keyword === 'boolean') continue;
    if (keyword === 'required') {
      for (const name of (params as { requiredProperties?: string[] }).requiredProperties ?? []) {
        byField.set(join(at, name), 'is missing');
      }
    } else if (keyword === 'additionalProperties') {
      for (const name of (params as { additionalProperties?: string[] }).additionalProperties ?? []) {
        byField.set(join(at, name.slice(0, 64)), 'is not known');
      }
    } else if (keyword === 'anyOf') {
      const options = alternatives(errors, instancePath);
      byField.set(at, options.length > 0 ? `must be ${options.join(' or ')}` : message);
    } else if (keyword !== 'const' && !byField.has(at)) {
      byField.set(at, message);
    }
  }
  return [...byField].slice(0, ERRORS_SHOWN).map(([field, detail]) => ({ field, detail }));
}

function alternatives(errors: readonly SchemaError[], path: string): string[] {
  const options: string[] = [];
  for (const { keyword, instancePath, params, message } of errors) {
    if (instancePath !== path || keyword === 'anyOf') continue;
    const { allowedValue } = params as { allowedValue?: unknown };
    options.push(keyword === 'const' ? String(allowedValue) : message.replace(/^must be /, '').replace(/^must /, ''));
  }
  return [...new Set(options)];
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
