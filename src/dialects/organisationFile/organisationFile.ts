/** The organisation file (JSON): who works here, which programs may ask, which PBXs report, and whom to call. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../../config/configError.ts';
import type { Variables } from '../../config/environment.ts';
import { DEFAULT_COUNTRY, DEFAULT_TIME_ZONE } from '../../config/setting.ts';
import { uniqueText } from '../../sources/sourceKind.ts';
import { readCampaign } from './campaignSection.ts';
import { Fields, Problems } from './fields.ts';
import { noteHeldTwice } from './heldTwice.ts';
import { syntaxMistake } from './jsonSyntax.ts';
import type { Organisation, OrganisationSource, OrganisationWebhook } from './organisation.ts';
import type { OrganisationRules } from './rules.ts';
import type { SecretPlaces } from './secretText.ts';
import { readCountry, readSource, readTimeZone } from './sourceSection.ts';
import { readToken } from './tokenSection.ts';
import { readUser } from './userSection.ts';
import { readWebhook } from './webhookSection.ts';

const KNOWN = ['timeZone', 'country', 'users', 'tokens', 'sources', 'outbound', 'bitrix24', 'campaigns'];
/** Ten thousand users with dated extensions. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_USERS = 10_000;
const MAX_TOKENS = 1_000;
const MAX_SOURCES = 1_000;
const MAX_ALLOWED = 1_000;
const MAX_WEBHOOKS = 1_000;
const MAX_CAMPAIGNS = 1_000;

/**
 * Reads and checks the file at `path`; `variables` is the environment that `env:` secrets come from. Throws a `ConfigError`
 * that lists every mistake, up to 20, by its path.
 */
export function readOrganisationFile(path: string, variables: Variables, rules: OrganisationRules): Organisation {
  const text = readText(path);
  return parseOrganisation(text, { variables, directory: dirname(resolve(path)) }, path, rules);
}

/** `path` is for messages only. */
export function parseOrganisation(
  text: string,
  places: SecretPlaces,
  path: string,
  rules: OrganisationRules,
): Organisation {
  const problems = new Problems();
  const organisation = readOrganisation(parseJson(text, path), places, problems, rules);
  if (problems.count > 0 || organisation === null) {
    const mistakes = problems.count === 1 ? 'a mistake' : `${problems.count} mistakes`;
    throw new ConfigError(problems.lines, `The organisation file ${path} has ${mistakes}:`);
  }
  return organisation;
}

function readText(path: string): string {
  const fail = (what: string, cause?: unknown) =>
    new ConfigError([`The organisation file ${path} ${what}.`], null, { cause });
  let bytes: Uint8Array;
  try {
    if (statSync(path).size > MAX_FILE_BYTES) throw fail(`is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw fail(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`, error);
  }
  try {
    // Takes a byte order mark away.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw fail('is not UTF-8 text', error);
  }
}

/** What `JSON.parse` says is not passed on, since it quotes the file. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    const mistake = syntaxMistake(text.replace(/^\uFEFF/, ''));
    const where = mistake === null ? '' : `: line ${mistake.line}, column ${mistake.column}: ${mistake.what}`;
    throw new ConfigError([`The organisation file ${path} is not JSON${where}.`]);
  }
}

function readOrganisation(
  value: unknown,
  places: SecretPlaces,
  problems: Problems,
  rules: OrganisationRules,
): Organisation | null {
  const fields = Fields.of(value, '', KNOWN, problems);
  if (fields === null) return null;
  const timeZone = readTimeZone(fields) ?? DEFAULT_TIME_ZONE;
  const country = readCountry(fields) ?? DEFAULT_COUNTRY;
  const context = { timeZone, country, places, problems, rules };
  const users = fields.list('users', MAX_USERS, (each, path) => inFile(readUser(each, path, context), path));
  const tokens = fields.list('tokens', MAX_TOKENS, (each, path) => inFile(readToken(each, path, context), path));
  const sources = fields.list('sources', MAX_SOURCES, (each, path) => inFile(readSource(each, path, context), path));
  const webhooks = readWebhooks(fields, context);
  const campaigns = fields.list('campaigns', MAX_CAMPAIGNS, (each, path) =>
    inFile(readCampaign(each, path, context), path),
  );
  noteRepeats(users, 'id', each => each.id, problems);
  noteRepeats(users, 'login', each => each.login, problems);
  noteRepeats(tokens, 'name', each => each.name, problems);
  noteRepeats(tokens, 'token', each => each.token, problems);
  noteRepeats(sources, 'key', each => each.key, problems);
  noteSharedSettings(sources, rules, problems);
  noteRepeats(webhooks, 'code', each => each.code, problems);
  noteRepeats(campaigns, 'name', each => each.name, problems);
  const everybody = users.map(each => each.read);
  noteHeldTwice(everybody, problems);
  const ids = new Set(everybody.map(each => each.id));
  for (const { read, path } of webhooks) {
    if (!ids.has(read.userId))
      problems.add(`${path}.user`, `must be the id of a user of this file, not ${read.userId}`);
  }
  return {
    timeZone,
    country,
    users: everybody,
    tokens: tokens.map(each => each.read),
    sources: sources.map(each => each.read),
    outbound: { allow: readAllowed(fields) },
    bitrix24: { webhooks: webhooks.map(each => each.read) },
    campaigns: campaigns.map(each => each.read),
  };
}

interface InFile<T> {
  readonly read: T;
  readonly path: string;
}

const inFile = <T>(read: T | null, path: string): InFile<T> | null => (read === null ? null : { read, path });

function noteRepeats<T>(
  entries: readonly InFile<T>[],
  name: string,
  identify: (read: T) => string | number,
  problems: Problems,
): void {
  const first = new Map<string | number, string>();
  for (const { read, path } of entries) {
    const other = first.get(identify(read));
    if (other === undefined) first.set(identify(read), path);
    else problems.add(`${path}.${name}`, `is the same as ${other}.${name}`);
  }
}

/** Settings that no two sources of a kind may have in common. */
function noteSharedSettings(
  sources: readonly InFile<OrganisationSource>[],
  { sourceKinds }: OrganisationRules,
  problems: Problems,
): void {
  for (const { kind, fields } of sourceKinds) {
    for (const field of fields) {
      if (field.form !== 'text' || field.unique !== true) continue;
      const settingOf = ({ settings }: OrganisationSource) => settings[field.name];
      const having = sources.filter(({ read }) => read.kind === kind && typeof settingOf(read) === 'string');
      noteRepeats(having, field.name, each => uniqueText(String(settingOf(each))), problems);
    }
  }
}

function readWebhooks(
  file: Fields,
  context: { readonly places: SecretPlaces; readonly problems: Problems; readonly rules: OrganisationRules },
): readonly InFile<OrganisationWebhook>[] {
  if (!file.has('bitrix24')) return [];
  const fields = Fields.of(file.raw('bitrix24'), file.path('bitrix24'), ['webhooks'], file.problems);
  const read = (each: unknown, path: string) => inFile(readWebhook(each, path, context), path);
  return fields?.list('webhooks', MAX_WEBHOOKS, read) ?? [];
}

function readAllowed(file: Fields): readonly string[] {
  if (!file.has('outbound')) return [];
  const fields = Fields.of(file.raw('outbound'), file.path('outbound'), ['allow'], file.problems);
  return (
    fields?.texts('allow', MAX_ALLOWED, { max: 255, pattern: /^\S+$/, meaning: 'without blanks', shown: true }) ?? []
  );
}
