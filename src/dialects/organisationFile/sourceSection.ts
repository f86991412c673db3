import { isDateTimeFormat } from '../../values/dateTimeFormat.ts';
import { compilePattern } from '../../values/numberPattern.ts';
import { isValidCountry } from '../../values/phone.ts';
import { isTimeZone } from '../../values/zonedTime.ts';
import { Fields, type Problems, shownValue, type TextRule } from './fields.ts';
import { BITRIX24_SOURCE_KEY, GENESYS_SOURCE_KEY, NATIVE_SOURCE_KEY, type OrganisationSource } from './organisation.ts';
import { type SecretPlaces, secretText } from './secretText.ts';

const KNOWN = [
  'key',
  'kind',
  'serial',
  'timeZone',
  'country',
  'areaCode',
  'outsidePrefix',
  'secret',
  'unsigned',
  'autoZone',
  'displayFormat',
  'abandonSeconds',
  'numbers',
];
const KINDS = ['yeastar'] as const;
const MAX_PATTERNS = 200;
const DEFAULT_ABANDON_SECONDS = 5;
const MAX_ABANDON_SECONDS = 3600;

const KEY: TextRule = {
  max: 64,
  // A path of dots alone would be taken for a directory.
  pattern: /^(?!\.+$)[A-Za-z0-9._-]+$/,
  meaning: 'made of letters, digits, dots, hyphens and underscores, since it stands in an address',
  shown: true,
};
/** Sources that the server makes itself. */
const OWN_KEYS: ReadonlyMap<string, string> = new Map([
  [NATIVE_SOURCE_KEY, 'behind /v1'],
  [BITRIX24_SOURCE_KEY, 'behind the webhooks'],
  [GENESYS_SOURCE_KEY, 'behind the agent desktops'],
]);
const SERIAL: TextRule = { max: 100 };
const AREA_CODE: TextRule = { max: 10, pattern: /^\d+$/, meaning: 'digits, as in "30"', shown: true };
const OUTSIDE_PREFIX: TextRule = { max: 10, pattern: /^[\d*#]+$/, meaning: 'what is dialled, as in "0"', shown: true };
const DISPLAY_FORMAT: TextRule = { max: 40 };
const ANY: TextRule = { max: 100 };

interface SourceContext {
  /** The organisation's. */
  readonly timeZone: string;
  readonly country: string;
  readonly places: SecretPlaces;
  readonly problems: Problems;
}

/** One entry of `sources`; null, after the mistakes were noted, when it cannot be read. */
export function readSource(value: unknown, path: string, context: SourceContext): OrganisationSource | null {
  const { places, problems } = context;
  const fields = Fields.of(value, path, KNOWN, problems);
  if (fields === null) return null;
  const key = fields.requiredText('key', KEY);
  const own = key === null ? undefined : OWN_KEYS.get(key);
  if (own !== undefined) problems.add(fields.path('key'), `must not be ${key}, which is the source ${own}`);
  const kind = fields.requiredText('kind', ANY);
  if (kind !== null && !KINDS.some(each => each === kind)) {
    problems.add(fields.path('kind'), `must be ${KINDS.join(' or ')}, not ${shownValue(kind)}`);
  }
  const source = {
    kind: 'yeastar' as const,
    serial: fields.text('serial', SERIAL),
    timeZone: readTimeZone(fields) ?? context.timeZone,
    country: readCountry(fields) ?? context.country,
    areaCode: fields.text('areaCode', AREA_CODE),
    outsidePrefix: fields.text('outsidePrefix', OUTSIDE_PREFIX),
    secret: readSecret(fields, places),
    unsigned: fields.boolean('unsigned', false),
    autoZone: fields.boolean('autoZone', false),
    displayFormat: readDisplayFormat(fields),
    abandonSeconds: fields.integer('abandonSeconds', { min: 0, max: MAX_ABANDON_SECONDS }) ?? DEFAULT_ABANDON_SECONDS,
    numbers: readNumbers(fields),
  };
  if ((fields.raw('secret') ?? null) === null && !source.unsigned) {
    problems.add(path, 'has no secret: give it one, or say "unsigned": true to take reports that nobody signed');
  }
  return key === null ? null : { key, ...source };
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

function readSecret(fields: Fields, places: SecretPlaces): string | null {
  const value = fields.raw('secret');
  if (value === undefined || value === null) return null;
  return secretText(value, fields.path('secret'), places, fields.problems);
}

function readDisplayFormat(fields: Fields): string | null {
  const format = fields.text('displayFormat', DISPLAY_FORMAT);
  if (format === null || isDateTimeFormat(format)) return format;
  fields.problems.add(
    fields.path('displayFormat'),
    `must be a date and time format, as in "DD/MM/YYYY hh:mm:ss A", not ${shownValue(format)}`,
  );
  return null;
}

function readNumbers(source: Fields): OrganisationSource['numbers'] {
  const none = { ivr: [], queue: [], internal: [] };
  if (!source.has('numbers')) return none;
  const fields = Fields.of(source.raw('numbers'), source.path('numbers'), Object.keys(none), source.problems);
  if (fields === null) return none;
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
  return { ivr: patterns('ivr'), queue: patterns('queue'), internal: patterns('internal') };
}
