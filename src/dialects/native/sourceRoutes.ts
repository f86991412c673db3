import type { FastifyInstance } from 'fastify';
import Type, { type TSchema } from 'typebox';
import { type UnknownNumbers, unknownNumbers } from '../../calls/entities.ts';
import type { Json } from '../../ledger/entity.ts';
import { SourceRefusal } from '../../sources/changeSources.ts';
import { NO_NUMBERS, type NumberRanges, type Source, source } from '../../sources/entities.ts';
import type { QueueThresholds } from '../../sources/queueThresholds.ts';
import {
  AREA_CODE,
  DEFAULT_SHORT_SECONDS,
  MAX_PATTERNS,
  MAX_SHORT_SECONDS,
  NUMBER_CLASSES,
  OUTSIDE_PREFIX,
  SOURCE_KEY,
} from '../../sources/rules.ts';
import { type SettingsInput, type SourceKind, sealSettings } from '../../sources/sourceKind.ts';
import { compilePattern } from '../../values/numberPattern.ts';
import { readCountry, readText, readTimeZone, stateOfRow } from './administeredFields.ts';
import { administrationRoutes } from './administration.ts';
import type { NativeDoor } from './context.ts';
import { writeInstant } from './instants.ts';
import { invalid } from './problem.ts';
import { readThresholds, thresholdFields, thresholdsShown } from './queueThresholds.ts';

const patterns = (description: string, example: string) =>
  Type.Array(Type.String({ maxLength: 100 }), { maxItems: MAX_PATTERNS, description, examples: [[example]] });
const orNull = (schema: TSchema, description: string) => Type.Union([schema, Type.Null()], { description });

const numbers = {
  ivr: patterns('Menus.', '62xx'),
  queue: patterns('Queues.', '64xx'),
  ringGroup: patterns('Ring groups.', '63xx'),
  conference: patterns('Conference rooms.', '65xx'),
  paging: patterns('Paging and intercom groups.', '66xx'),
  parking: patterns('Parking slots.', '60xx'),
  voicemail: patterns('Mailboxes.', '69xx'),
  internal: patterns('Extensions.', '[2-4]xxx'),
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
      shortSeconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: MAX_SHORT_SECONDS,
          description: 'A call shorter than this is marked so. Default 5.',
        }),
      ),
      numbers: Type.Optional(
        Type.Object(
          {
            ivr: Type.Optional(numbers.ivr),
            queue: Type.Optional(numbers.queue),
            ringGroup: Type.Optional(numbers.ringGroup),
            conference: Type.Optional(numbers.conference),
            paging: Type.Optional(numbers.paging),
            parking: Type.Optional(numbers.parking),
            voicemail: Type.Optional(numbers.voicemail),
            internal: Type.Optional(numbers.internal),
          },
          {
            additionalProperties: false,
            description: 'What numbers of the PBX are; before the plan that its kind is delivered with.',
          },
        ),
      ),
      ...thresholdFields,
      settings: Type.Optional(settingsSchema(kinds)),
    },
    {
      $id: 'NewSource',
      additionalProperties: false,
      'x-renamed': { abandonSeconds: 'shortSeconds' },
      examples: [{ kind: 'yeastar', settings: { unsigned: true } }],
    },
  );

interface NewSource {
  readonly kind: string;
  readonly timeZone?: string;
  readonly country?: string;
  readonly areaCode?: string | null;
  readonly outsidePrefix?: string | null;
  readonly shortSeconds?: number;
  readonly numbers?: Partial<NumberRanges>;
  readonly answerWithinSeconds?: number;
  readonly queueThresholds?: QueueThresholds;
  readonly settings?: SettingsInput;
}

const Unknown = Type.Object(
  {
    seen: Type.Integer({ minimum: 0, description: 'How often, over all of them.' }),
    latest: Type.Array(
      Type.Object({
        number: Type.String(),
        times: Type.Integer({ minimum: 1 }),
        seenAt: Type.String({ format: 'date-time', description: 'When last.' }),
      }),
      { description: 'The last 20, latest first.' },
    ),
  },
  { description: 'Short numbers in its reports that nothing says anything about: `GET …/plan` shows how one is read.' },
);

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
    shortSeconds: Type.Integer(),
    numbers: Type.Object(numbers),
    ...thresholdsShown,
    settings: Type.Record(Type.String(), Type.Unknown(), { description: 'What is the kind’s alone, without secrets.' }),
    secrets: Type.Array(Type.String(), { description: 'The names of the secrets it has.' }),
    unknownNumbers: Unknown,
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
        shortSeconds: 5,
        numbers: { ...NO_NUMBERS, ivr: ['62xx'], queue: ['64xx'], internal: ['[2-4]xxx'] },
        answerWithinSeconds: 20,
        queueThresholds: { '6401': 30 },
        settings: { serial: null, unsigned: false, autoZone: false, displayFormat: null },
        secrets: ['secret'],
        unknownNumbers: { seen: 1, latest: [{ number: '7001', times: 1, seenAt: '2026-03-02T10:00:41.300Z' }] },
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
    render({ id, settings, ...row }, directory) {
      const fields = kindOf(row.kind)?.fields ?? [];
      const secrets = fields.filter(each => each.form === 'secret').map(each => each.name);
      const shown = Object.entries(settings).filter(([name]) => !secrets.includes(name));
      return {
        ...row,
        reports: tellsOf(row.kind),
        settings: Object.fromEntries(shown),
        secrets: secrets.filter(each => (settings[each] ?? null) !== null),
        unknownNumbers: renderUnknown(directory.get(unknownNumbers, id)),
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
        shortSeconds: body.shortSeconds ?? DEFAULT_SHORT_SECONDS,
        numbers: Object.fromEntries(
          NUMBER_CLASSES.map(name => [name, readPatterns(body.numbers?.[name], name)]),
        ) as unknown as NumberRanges,
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

const renderUnknown = (row: Readonly<UnknownNumbers> | undefined) => ({
  seen: row?.seen ?? 0,
  latest: (row?.latest ?? []).map(each => ({ ...each, seenAt: writeInstant(each.seenAt) })),
});

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
