/** The OpenAPI description of a running server, and whether answers and events are what it promises. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export interface Media {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
export interface DescribedAnswer {
  readonly description?: string;
  readonly content?: Readonly<Record<string, Media>>;
}
export interface DescribedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description?: string;
  readonly schema?: object;
}
export interface DescribedOperation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly DescribedParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, DescribedAnswer & { readonly $ref?: string }>>;
}
export interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, DescribedAnswer>>;
  };
}

interface EventDescription {
  readonly discriminator: { readonly mapping: Readonly<Record<string, string>> };
}

export interface SeenAnswer {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

const HERE = 'description.json';

export class Contract {
  readonly description: Description;
  private readonly ajv: Ajv2020;
  private readonly validators = new WeakMap<object, ValidateFunction>();
  private readonly events: ReadonlyMap<string, { readonly $ref: string }>;
  private readonly paths: readonly { readonly template: string; readonly pattern: RegExp }[];

  constructor(description: Description) {
    this.description = description;
    // Whether the description is one at all is what test/native/openApi.test.ts tests: once, and not in every file.
    this.ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
    addFormats.default(this.ajv);
    this.ajv.addSchema(closed(description) as object, HERE);
    const { discriminator } = description.components.schemas['Event'] as EventDescription;
    this.events = new Map(Object.entries(discriminator.mapping).map(([kind, $ref]) => [kind, { $ref }]));
    this.paths = Object.keys(description.paths).map(template => ({
      template,
      pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`),
    }));
  }

  static async of(url: string): Promise<Contract> {
    return new Contract((await (await fetch(`${url}/v1/openapi.json`)).json()) as Description);
  }

  answer(answer: DescribedAnswer & { readonly $ref?: string }): DescribedAnswer {
    if (answer.$ref === undefined) return answer;
    return this.description.components.responses[answer.$ref.split('/').at(-1)!]!;
  }

  /** Why a value is not what a schema of the description asks for; null when it is. */
  problemOf(schema: object, value: unknown): string | null {
    const validate = this.compiled(schema);
    return validate(value) ? null : this.ajv.errorsText(validate.errors, { dataVar: 'the value' });
  }

  /** Why an answer is none of those that the description promises; null when it is, or is none of a described operation. */
  problemOfAnswer({ method, path, status, contentType, body }: SeenAnswer): string | null {
    const [bare] = path.split('?');
    const found = this.paths.find(each => each.pattern.test(bare!));
    const operation = found === undefined ? undefined : this.description.paths[found.template]?.[method.toLowerCase()];
    if (operation === undefined) return null;
    const about = `${method} ${found!.template} answered ${status}`;
    const promised = operation.responses[status];
    if (promised === undefined) return `${about}, which is not described`;
    const [type] = contentType.split(';');
    const media = this.answer(promised).content?.[type!];
    if (media === undefined) return `${about} as ${type}, which is not described`;
    if (!type!.includes('json')) return null;
    const problem = this.problemOf(media.schema!, body);
    return problem === null ? null : `${about} otherwise than described: ${problem}`;
  }

  /** Why an event is not what its kind is described to be; null when it is. */
  problemOfEvent(event: { readonly kind: string }): string | null {
    const schema = this.events.get(event.kind);
    if (schema === undefined) return `${event.kind} is not described`;
    const problem = this.problemOf(schema, event);
    return problem === null ? null : `${event.kind} is otherwise than described: ${problem}`;
  }

  private compiled(schema: object): ValidateFunction {
    let validate = this.validators.get(schema);
    if (validate === undefined) {
      const { $ref } = schema as { readonly $ref?: string };
      validate = this.ajv.compile($ref === undefined ? (closed(schema) as object) : { $ref: `${HERE}${$ref}` });
      this.validators.set(schema, validate);
    }
    return validate;
  }
}

/**
 * Where the description does not say that more fields may come, none may: a field that is not described is a mistake here,
 * though clients must bear new ones.
 */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = copy['type'] === 'object' && copy['properties'] !== undefined;
  return isObject && copy['additionalProperties'] === undefined ? { ...copy, additionalProperties: false } : copy;
}

const known = new Map<string, Contract>();

/** Null while the server cannot be reached: what it answered cannot be judged then. */
export async function contractOf(url: string): Promise<Contract | null> {
  const found = known.get(url);
  if (found !== undefined) return found;
  try {
    const read = await Contract.of(url);
    known.set(url, read);
    return read;
  } catch {
    return null;
  }
}
