import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Directory } from '../../ledger/directory.ts';
import type { State } from '../../ledger/state.ts';
import { changePeople } from '../../people/changePeople.ts';
import {
  ALWAYS,
  device,
  EVERYWHERE,
  extension,
  FOREVER,
  ROLES,
  type Role,
  type User,
  user,
} from '../../people/entities.ts';
import { DEFAULT_FEATURES, FEATURE, MAX_FEATURES } from '../../people/features.ts';
import type { Holding } from '../../people/holdings.ts';
import { MAX_PASSWORD_LENGTH } from '../../people/password.ts';
import { DEVICE, EXTENSION, LOGIN, MAX_DEVICES, MAX_EXTENSIONS, USER_NAME } from '../../people/rules.ts';
import { storedPassword } from '../../people/storedPassword.ts';
import { source } from '../../sources/entities.ts';
import { SOURCE_KEY } from '../../sources/rules.ts';
import { readDateOrInstant } from '../../values/dateOrInstant.ts';
import { readText, stateOfRow } from './administeredFields.ts';
import { administrationRoutes } from './administration.ts';
import type { NativeDoor } from './context.ts';
import { writeInstant } from './instants.ts';
import { invalid } from './problem.ts';
import { rowId } from './schemas.ts';

const instant = (description: string) =>
  Type.Union([Type.String({ maxLength: 40 }), Type.Null()], {
    description: `${description} A date of the organisation’s time zone, or an instant with its offset.`,
  });

export const rolesField = Type.Array(Type.Enum([...ROLES]), {
  maxItems: 20,
  description:
    'administrator: everything. supervisor: reads and corrects all calls. agent: the own calls. reporter: reports calls, reads nothing.',
});
/** In the order of `ROLES`, each once. */
export const readRoles = (given: readonly Role[]): readonly Role[] => ROLES.filter(role => given.includes(role));

export const NewUser = Type.Object(
  {
    login: Type.String({ description: 'What they log in with. No two users share one.', examples: ['anna'] }),
    name: Type.Optional(Type.String({ description: 'The login unless said otherwise.', examples: ['Anna Berg'] })),
    password: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: MAX_PASSWORD_LENGTH }), Type.Null()], {
        description: 'Never shown. Left out: as before. null: cannot log in.',
        writeOnly: true,
      }),
    ),
    roles: Type.Optional(rolesField),
    active: Type.Optional(Type.Boolean({ description: 'true unless said otherwise.' })),
    extensions: Type.Optional(
      Type.Array(
        Type.Object(
          {
            number: Type.String({ description: 'As the PBX writes it.', examples: ['2005'] }),
            source: Type.Optional(
              Type.Union([Type.String({ maxLength: SOURCE_KEY.max }), Type.Null()], {
                description:
                  'The key of the PBX that it is an extension of. Left out or null: of each PBX where nobody else holds the number for themselves.',
                examples: ['branch'],
              }),
            ),
            from: Type.Optional(instant('Since when.')),
            to: Type.Optional(instant('Until when, exclusive.')),
          },
          { additionalProperties: false },
        ),
        {
          maxItems: MAX_EXTENSIONS,
          description:
            'Without dates an extension is held from now on, and goes on being held. What is no longer named ends now; the past stays.',
        },
      ),
    ),
    devices: Type.Optional(
      Type.Array(Type.String(), {
        maxItems: MAX_DEVICES,
        description: 'UUIDs of the agent desktops’ devices.',
        examples: [['42e3a1c6-fc5e-425b-9411-125f536fde00']],
      }),
    ),
    features: Type.Optional(
      Type.Array(Type.String({ pattern: FEATURE.source }), {
        maxItems: MAX_FEATURES,
        description: 'What an agent desktop may use.',
        examples: [['api-voice-outbound']],
      }),
    ),
  },
  {
    $id: 'NewUser',
    additionalProperties: false,
    examples: [{ login: 'anna', name: 'Anna Berg', roles: ['agent'], extensions: [{ number: '2005' }] }],
  },
);
export type NewUser = Type.Static<typeof NewUser>;

export const UserView = Type.Object(
  {
    id: Type.Integer(),
    login: Type.String(),
    name: Type.String(),
    hasPassword: Type.Boolean({ description: 'Without one they cannot log in.' }),
    roles: rolesField,
    extensions: Type.Array(
      Type.Object({
        number: Type.String(),
        source: Type.Union([Type.String(), Type.Null()], {
          description: 'The key of its PBX; null: each where nobody else holds it.',
        }),
        from: Type.Union([Type.String(), Type.Null()], { description: 'null: always.' }),
        to: Type.Union([Type.String(), Type.Null()], { description: 'Exclusive; null: it is held on.' }),
      }),
      { description: 'Those of the past too: calls belong to who held the extension when they started.' },
    ),
    devices: Type.Array(Type.String(), { description: 'Held now.' }),
    features: Type.Array(Type.String()),
    ...stateOfRow,
  },
  {
    $id: 'User',
    examples: [
      {
        id: 7,
        login: 'anna',
        name: 'Anna Berg',
        hasPassword: true,
        roles: ['agent'],
        extensions: [{ number: '2005', source: null, from: '2026-03-01T00:00:00Z', to: null }],
        devices: [],
        features: ['api-voice-outbound'],
        active: true,
        managedBy: 'api',
      },
    ],
  },
);

/** Who works here. */
export function userRoutes(app: FastifyInstance, door: NativeDoor): void {
  administrationRoutes<User, number, NewUser>(app, door, {
    name: 'user',
    plural: 'users',
    parameter: 'id',
    about: {
      list: 'Who works here, which extensions and devices they have and had.',
      put: 'You choose the id. Extensions and devices that another user holds at the same time are refused with 409, and so is what would leave nobody who can administer.',
      drop: 'They cannot log in any more, and what they hold ends now. Their calls stay theirs.',
    },
    view: UserView,
    body: NewUser,
    reference: rowId('The user.'),
    readRef: id => id,
    refOf: row => row.id,
    all: directory => directory.all(user),
    find: (directory, id) => directory.get(user, id),
    render: renderUser,
    async put(id, body, before) {
      const read = readUser(id, body, door.timeZone());
      const password = await readPassword(body.password, before, door);
      return {
        change: state => {
          demandPlaces(state, read.extensions);
          changePeople(state, { users: [{ ...read, password }] }, 'api');
        },
      };
    },
    drop: (state, id) => changePeople(state, { usersGone: [id] }, 'api'),
  });
}

function renderUser(
  { id, login, name, password, roles, active, features, managedBy }: Readonly<User>,
  directory: Directory,
  now: number,
): object {
  const devices = directory.find(device, 'byUser', id).filter(each => each.from <= now && now < each.until);
  return {
    id,
    login,
    name,
    hasPassword: password !== null,
    roles,
    extensions: directory
      .find(extension, 'byUser', id)
      .toSorted((a, b) => a.from - b.from)
      .map(({ number, source: of, from, until }) => ({
        number,
        source: of === EVERYWHERE ? null : of,
        from: from === ALWAYS ? null : writeInstant(from),
        to: until === FOREVER ? null : writeInstant(until),
      })),
    devices: devices.map(each => each.id),
    features,
    active,
    managedBy,
  };
}

function readUser(id: number, body: NewUser, zone: string) {
  const login = readText(body.login, 'login', LOGIN);
  return {
    id,
    login,
    name: body.name === undefined ? login : readText(body.name, 'name', USER_NAME),
    roles: readRoles(body.roles ?? ['agent']),
    active: body.active ?? true,
    features: [...new Set(body.features ?? DEFAULT_FEATURES)],
    extensions: readExtensions(body.extensions ?? [], zone),
    devices: (body.devices ?? []).map((each, i) => ({
      what: readText(each, `devices[${i}]`, DEVICE).toLowerCase(),
      source: EVERYWHERE,
      from: null,
      to: null,
    })),
  };
}

/** As it is stored; undefined: as before. */
async function readPassword(
  given: string | null | undefined,
  before: Readonly<User> | undefined,
  { administration }: NativeDoor,
): Promise<string | null | undefined> {
  return typeof given === 'string' ? storedPassword(before?.password ?? null, given, administration.random) : given;
}

function readExtensions(given: NonNullable<NewUser['extensions']>, zone: string): readonly Holding[] {
  return given.map((each, i) => {
    const at = `extensions[${i}]`;
    const from = readEnd(each.from, `${at}.from`, zone);
    const to = readEnd(each.to, `${at}.to`, zone);
    if (from !== null && to !== null && from >= to) throw invalid(`${at}.to`, 'must be later than from');
    const place = { what: readText(each.number, `${at}.number`, EXTENSION), source: each.source ?? EVERYWHERE };
    return { ...place, from, to };
  });
}

/** Also of a source that is gone by now: what `GET` shows can be put again. */
function demandPlaces(state: Pick<State, 'find'>, extensions: readonly Holding[]): void {
  for (const [i, { source: key }] of extensions.entries()) {
    if (key === EVERYWHERE || state.find(source, 'byKey', key).length > 0) continue;
    throw invalid(`extensions[${i}].source`, `must be the key of a source; there is no source ${key}`);
  }
}

function readEnd(text: string | null | undefined, field: string, zone: string): number | null {
  if (text === undefined || text === null) return null;
  const at = readDateOrInstant(text, zone);
  if (at === null || at > FOREVER) {
    throw invalid(
      field,
      'must be a date, as in "2026-03-01", or an instant with its offset, as in "2026-03-01T08:00:00+01:00"',
    );
  }
  return Math.max(ALWAYS, at);
}
