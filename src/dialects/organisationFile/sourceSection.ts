import type { Json } from '../../ledger/entity.ts';
import { NO_NUMBERS, type NumberRanges } from '../../sources/entities.ts';
import {
  AREA_CODE as AREA_CODE_RULE,
  DEFAULT_SHORT_SECONDS,
  MAX_PATTERNS,
  MAX_SHORT_SECONDS,
  NUMBER_CLASSES,
  OUTSIDE_PREFIX as OUTSIDE_PREFIX_RULE,
  SOURCE_KEY,
} from '../../sources/rules.ts';
import type { SettingField, SourceKind } from '../../sources/sourceKind.ts';
import { compilePattern } from '../../values/numberPattern.ts';
import { isValidCountry } from '../../values/phone.ts';
import { isTimeZone } from '../../values/zonedTime.ts';
import { Fields, type Problems, shownValue, type TextRule } from './fields.ts';
import type { OrganisationSource } from './organisation.ts';
import type { OrganisationRules } from './rules.ts';
import { type SecretPlaces, secretText } from './secretText.ts';
import { readThresholds } from './thresholds.ts';

const KNOWN = [
  'key',
  'kind',
  'timeZone',
  'country',
  'areaCode',
  'outsidePrefix',
  'shortSeconds',
  'numbers',
  'answerWithinSeconds',
  'queueThresholds',
];
/** What was called otherwise before. */
const RENAMED = { abandonSeconds: 'shortSeconds' };
const KEY: TextRule = { ...SOURCE_KEY, shown: true };
const AREA_CODE: TextRule = { ...AREA_CODE_RULE, shown: true };
const OUTSIDE_PREFIX: TextRule = { ...OUTSIDE_PREFIX_RULE, shown: true };
const ANY: TextRule = { max: 100 };

interface SourceContext {
  /** The organisation's. */
  readonly timeZone: string;
  readonly country: string;
  readonly places: SecretPlaces;
  readonly problems: Problems;
  readonly rules: OrganisationRules;
}

/** One entry of `sources`; null, after the mistakes were noted, when it cannot be read. */
export function readSource(value: unknown, path: string, context: SourceContext): OrganisationSource | null {
  const { problems, rules } = context;
  const { sourceKinds, ownSources } = rules;
  const known = [...KNOWN, ...sourceKinds.flatMap(each => each.fields.map(({ name }) => name))];
  const fields = Fields.of(value, path, known, problems, RENAMED);
  if (fields === null) return null;
  const key = fields.requiredText('key', KEY);
  const own = Object.values(ownSources).find(each => each.key === key);
  if (own !== undefined) problems.add(fields.path('key'), `must not be ${key}, which is the source ${own.behind}`);
  const kindName = fields.requiredText('kind', ANY);
  const kind = sourceKinds.find(each => each.kind === kindName);
  if (kindName !== null && kind === undefined) {
    const names = sourceKinds.map(each => each.kind).join(' or ');
    problems.add(fields.path('kind'), `must be ${names}, not ${shownValue(kindName)}`);
  }
  const source = {
    timeZone: readTimeZone(fields) ?? context.timeZone,
    country: readCountry(fields) ?? context.country,
    areaCode: fields.text('areaCode', AREA_CODE),
    outsidePrefix: fields.text('outsidePrefix', OUTSIDE_PREFIX),
    shortSeconds: fields.integer('shortSeconds', { min: 0, max: MAX_SHORT_SECONDS }) ?? DEFAULT_SHORT_SECONDS,
    numbers: readNumbers(fields),
    ...readThresholds(fields),
  };
  const settings = kind === undefined ? {} : readSettings(fields, kind, path, context);
  return key === null || kind === undefined ? null : { key, kind: kind.kind, ...source, settings };
}

function readSettings(
  fields: Fields,
  kind: SourceKind,
  path: string,
  { places, problems }: SourceContext,
): Readonly<Record<string, Json>> {
  const settings: Record<string, Json> = {};
  const given: Record<string, Json> = {};
  for (const each of kind.fields) {
    settings[each.name] = readSetting(fields, each, places);
    // A secret that cannot be read was noted already, and is not missing.
    const isThere = each.form === 'secret' && (fields.raw(each.name) ?? null) !== null;
    given[each.name] = isThere ? 'given' : settings[each.name]!;
  }
  const mistake = kind.mistake(given);
  if (mistake !== null) problems.add(path, mistake);
  return settings;
}

function readSetting(fields: Fields, field: SettingField, places: SecretPlaces): Json {
  if (field.form === 'flag') return fields.boolean(field.name, false);
  if (field.form === 'secret') return readSecret(fields, field.name, places);
  const { name, max, check, meaning } = field;
  const text = fields.text(name, { max });
  if (text === null || check === undefined || check(text)) return text;
  fields.problems.add(fields.path(name), `must be ${meaning ?? 'written otherwise'}, not ${shownValue(text)}`);
  return null;
}

/** Also the organisation's own. Null when it is not there or, after the mistake was noted, unknown. */
export function readTimeZone(fields: Fields): string | null {
  const name = fields.text('timeZone', ANY);
  if (name === null || isTimeZone(name)) return name;
  fields.problems.add(
    fields.path('timeZone'),
    `must be the name of a time zone, as in "Europe/Berlin", not ${shownValue(name)}`,
  );
  return null;
}

/** Also the organisation's own. Null when it is not there or, after the mistake was noted, unknown. */
export function readCountry(fields: Fields): string | null {
  const code = fields.text('country', ANY);
  if (code === null || isValidCountry(code)) return code;
  fields.problems.add(fields.path('country'), `must be a country's two letters, as in "DE", not ${shownValue(code)}`);
  return null;
}

function readSecret(fields: Fields, name: string, places: SecretPlaces): string | null {
  const value = fields.raw(name);
  if (value === undefined || value === null) return null;
  return secretText(value, fields.path(name), places, fields.problems);
}

function readNumbers(source: Fields): OrganisationSource['numbers'] {
  if (!source.has('numbers')) return NO_NUMBERS;
  const fields = Fields.of(source.raw('numbers'), source.path('numbers'), NUMBER_CLASSES, source.problems);
  if (fields === null) return NO_NUMBERS;
  const patterns = (name: string) =>
    fields.list(name, MAX_PATTERNS, (value, path) => {
      if (typeof value !== 'string') {
        fields.problems.add(path, 'must be a pattern in double quotes, as in "62xx"');
        return null;
      }
      try {
        return compilePattern(value).text;
      } catch (error) {
        fields.problems.add(path, `is not a pattern: ${(error as Error).message.replace(/\.$/, '')}`);
        return null;
      }
    });
  return Object.fromEntries(NUMBER_CLASSES.map(name => [name, patterns(name)])) as unknown as NumberRanges;
}
