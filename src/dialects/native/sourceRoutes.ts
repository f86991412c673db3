import type { FastifyInstance } from 'fastify';
import Type, { type TSchema } from 'typebox';
import type { Json } from '../../ledger/entity.ts';
import { SourceRefusal } from '../../sources/changeSources.ts';
import { type Source, source } from '../../sources/entities.ts';
import type { QueueThresholds } from '../../sources/queueThresholds.ts';
import {
  AREA_CODE,
  DEFAULT_ABANDON_SECONDS,
  MAX_ABANDON_SECONDS,
  MAX_PATTERNS,
  OUTSIDE_PREFIX,
  SOURCE_KEY,
} from '../../sources/rules.ts';
import { type SettingsInput, type SourceKind, sealSettings } from '../../sources/sourceKind.ts';
import { compilePattern } from '../../values/numberPattern.ts';
import { readCountry, readText, readTimeZone, stateOfRow } from './administeredFields.ts';
import { administrationRoutes } from './administration.ts';
import type { NativeDoor } from './context.ts';
import { invalid } from './problem.ts';
import { readThresholds, thresholdFields, thresholdsShown } from './queueThresholds.ts';

const patterns = (description: string) =>
  Type.Array(Type.String({ maxLength: 100 }), { maxItems: MAX_PATTERNS, description, examples: [['62xx']] });
const orNull = (schema: TSchema, description: string) => Type.Union([schema, Type.Null()], { description });

const numbers = {
  ivr: patterns('Menus.'),
  queue: patterns('Queues.'),
  internal: patterns('Every other number inside; without any, what has 2 to 6 digits.'),
};

/** Settings that are one kind's alone, of all kinds there are. */
function settingsSchema(kinds: readonly SourceKind[]) {
  const fields = kinds
    .flatMap(each => each.fields)
    .map(field => {
      const { name, form, description } = field;
      if (form === 'flag') return [name, Type.Optional(Type.Boolean({ description }))] as const;
      const text = Type.Union([Type.String({ minLength: 1, maxLength: field.max }), Type.Null()], {
        description: form === 'secret' ? `${description} Never shown. Left out: as before.` : description,
        ...(form === 'secret' ? { writeOnly: true } : {}),
      });
      return [name, Type.Optional(text)] as const;
    });
  return Type.Object(Object.fromEntries(fields), {
    additionalProperties: false,
    description: `What is the kind’s alone (${kinds.map(each => each.kind).join(', ')}).`,
  });
}

const newSource = (kinds: readonly SourceKind[]) =>
  Type.Object(
    {
      kind: Type.Enum(
        kinds.map(each => each.kind),
        { description: 'How it speaks.' },
      ),
      timeZone: Type.Optional(Type.String({ description: 'IANA name; the organisation’s unless said otherwise.' })),
      country: Type.Optional(Type.String({ description: 'Two letters; the organisation’s unless said otherwise.' })),
      areaCode: Type.Optional(orNull(Type.String(), 'Of numbers without one.')),
      outsidePrefix: Type.Optional(orNull(Type.String(), 'What is dialled for an outside line.')),
      abandonSeconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: MAX_ABANDON_SECONDS,
          description: 'A caller who leaves a queue sooner has abandoned; later, the call was missed.',
        }),
      ),
      numbers: Type.Optional(
        Type.Object(
          {
            ivr: Type.Optional(numbers.ivr),
            queue: Type.Optional(numbers.queue),
            internal: Type.Optional(numbers.internal),
          },
          { additionalProperties: false },
        ),
      ),
      ...thresholdFields,
      settings: Type.Optional(settingsSchema(kinds)),
    },
    { $id: 'NewSource', additionalProperties: false, examples: [{ kind: 'yeastar', settings: { unsigned: true } }] },
  );

interface NewSource {
  readonly kind: string;
  readonly timeZone?: string;
  readonly country?: string;
  readonly areaCode?: string | null;
  readonly outsidePrefix?: string | null;
  readonly abandonSeconds?: number;
  readonly numbers?: { readonly ivr?: string[]; readonly queue?: string[]; readonly internal?: string[] };
  readonly answerWithinSeconds?: number;
  readonly queueThresholds?: QueueThresholds;
  readonly settings?: SettingsInput;
}

export const SourceView = Type.Object(
  {
    key: Type.String({ description: 'What its address ends with.' }),
    kind: Type.String(),
    reports: Type.Array(Type.Enum(['legs', 'registrations', 'completions', 'calls']), {
      description: 'What it reports of calls.',
    }),
    timeZone: Type.String(),
    country: Type.String(),
    areaCode: Type.Union([Type.String(), Type.Null()]),
    outsidePrefix: Type.Union([Type.String(), Type.Null()]),
    abandonSeconds: Type.Integer(),
    numbers: Type.Object(numbers),
    ...thresholdsShown,
    settings: Type.Record(Type.String(), Type.Unknown(), { description: 'What is the kind’s alone, without secrets.' }),
    secrets: Type.Array(Type.String(), { description: 'The names of the secrets it has.' }),
    ...stateOfRow,
  },
  {
    $id: 'Source',
    examples: [
      {
        key: 'hq',
        kind: 'yeastar',
        reports: ['legs'],
        timeZone: 'Europe/Berlin',
        country: 'DE',
        areaCode: '30',
        outsidePrefix: '0',
        abandonSeconds: 5,
        numbers: { ivr: ['62xx'], queue: ['64xx'], internal: ['[2-4]xxx'] },
        answerWithinSeconds: 20,
        queueThresholds: { '6401': 30 },
        settings: { serial: null, unsigned: false, autoZone: false, displayFormat: null },
        secrets: ['secret'],
        active: true,
        managedBy: 'api',
      },
    ],
  },
);

/** Where reports come from. */
export function sourceRoutes(app: FastifyInstance, door: NativeDoor): void {
  const { administration } = door;
  const { sourceKinds, tellsOf } = administration;
  const kindOf = (name: string): SourceKind | undefined => sourceKinds.find(each => each.kind === name);
  administrationRoutes<Source, string, NewSource>(app, door, {
    name: 'source',
    plural: 'sources',
    parameter: 'key',
    about: {
      list: 'Where reports come from: PBXs, and the server’s own doors.',
      put: 'You choose the key. The server’s own sources are kept by itself: 409.',
      drop: 'What it reports is refused; its calls stay.',
    },
    view: SourceView,
    body: newSource(sourceKinds),
    reference: Type.String({ maxLength: SOURCE_KEY.max, description: 'The key of the source.' }),
    readRef: text => readText(text, 'key', SOURCE_KEY),
    refOf: row => row.key,
    all: directory => directory.all(source),
    find: (directory, key) => directory.find(source, 'byKey', key)[0],
    render({ id: _id, settings, ...row }) {
      const fields = kindOf(row.kind)?.fields ?? [];
      const secrets = fields.filter(each => each.form === 'secret').map(each => each.name);
      const shown = Object.entries(settings).filter(([name]) => !secrets.includes(name));
      return {
        ...row,
        reports: tellsOf(row.kind),
        settings: Object.fromEntries(shown),
        secrets: secrets.filter(each => (settings[each] ?? null) !== null),
      };
    },
    put(key, body) {
      const kind = kindOf(body.kind)!;
      const settingsFor = sealSettings(kind, readSettings(kind, body.settings ?? {}), administration.secrets);
      const row = {
        key,
        kind: kind.kind,
        timeZone: body.timeZone === undefined ? door.timeZone() : readTimeZone(body.timeZone),
        country: body.country === undefined ? administration.country() : readCountry(body.country),
        areaCode: body.areaCode == null ? null : readText(body.areaCode, 'areaCode', AREA_CODE),
        outsidePrefix:
          body.outsidePrefix == null ? null : readText(body.outsidePrefix, 'outsidePrefix', OUTSIDE_PREFIX),
        abandonSeconds: body.abandonSeconds ?? DEFAULT_ABANDON_SECONDS,
        numbers: {
          ivr: readPatterns(body.numbers?.ivr, 'ivr'),
          queue: readPatterns(body.numbers?.queue, 'queue'),
          internal: readPatterns(body.numbers?.internal, 'internal'),
        },
        ...readThresholds(body),
      };
      return {
        change(state) {
          const stored = state.find(source, 'byKey', key)[0];
          const settings = settingsFor(stored?.kind === kind.kind ? stored.settings : null);
          const mistake = kind.mistake(settings);
          if (mistake !== null) throw new SourceRefusal('impossibleSettings', mistake);
          administration.changeSources(state, { sources: [{ ...row, settings }] });
        },
      };
    },
    drop: (state, key) => administration.changeSources(state, { gone: [key] }),
  });
}

function readSettings({ kind, fields }: SourceKind, given: SettingsInput): SettingsInput {
  const said: Record<string, Json | undefined> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = fields.find(each => each.name === name);
    if (field === undefined) throw invalid(`settings.${name}`, `is no setting of ${kind}`);
    if (typeof value === 'string' && field.form === 'text') {
      readText(value, `settings.${name}`, field);
      if (field.check?.(value) === false) throw invalid(`settings.${name}`, `must be ${field.meaning}`);
    }
    said[name] = value;
  }
  return said;
}

function readPatterns(given: readonly string[] | undefined, name: string): readonly string[] {
  return (given ?? []).map((each, i) => {
    try {
      return compilePattern(each).text;
    } catch (error) {
      throw invalid(`numbers.${name}[${i}]`, `is not a pattern: ${(error as Error).message.replace(/\.$/, '')}`);
    }
  });
}
