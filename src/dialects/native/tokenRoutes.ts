import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { changePeople } from '../../people/changePeople.ts';
import { type Token, token } from '../../people/entities.ts';
import { TOKEN, TOKEN_NAME } from '../../people/rules.ts';
import { readText, secretOf, stateOfRow } from './administeredFields.ts';
import { administrationRoutes } from './administration.ts';
import type { NativeDoor } from './context.ts';
import { invalid } from './problem.ts';
import { readRoles, rolesField } from './userRoutes.ts';

/** 256 bits: nobody tries them out. */
const MADE_BYTES = 32;

export const NewToken = Type.Object(
  {
    roles: rolesField,
    token: Type.Optional(
      Type.String({
        description:
          'Never shown again. Left out for one that is new or not active, the server makes it and shows it in this answer alone.',
        writeOnly: true,
      }),
    ),
  },
  { $id: 'NewToken', additionalProperties: false, examples: [{ roles: ['reporter'] }] },
);
export type NewToken = Type.Static<typeof NewToken>;

export const TokenView = Type.Object(
  {
    name: Type.String(),
    roles: rolesField,
    token: Type.Optional(
      Type.String({ description: 'Only in the answer of the request that had the server make it.' }),
    ),
    ...stateOfRow,
  },
  { $id: 'Token', examples: [{ name: 'reports', roles: ['supervisor'], active: true, managedBy: 'api' }] },
);

/** Which programs come in. */
export function tokenRoutes(app: FastifyInstance, door: NativeDoor): void {
  administrationRoutes<Token, string, NewToken>(app, door, {
    name: 'token',
    plural: 'tokens',
    parameter: 'name',
    about: {
      list: 'Which programs may use this API.',
      put: 'You choose the name.',
      drop: 'It opens nothing any more.',
    },
    view: TokenView,
    body: NewToken,
    reference: Type.String({ maxLength: TOKEN_NAME.max, description: 'The name of the token.' }),
    readRef: text => readText(text, 'name', TOKEN_NAME),
    refOf: row => row.name,
    all: directory => directory.all(token),
    find: (directory, name) => directory.find(token, 'byName', name)[0],
    render: ({ name, roles, active, managedBy }) => ({ name, roles, active, managedBy }),
    put(name, body) {
      const said = { name, roles: readRoles(body.roles) };
      const given = body.token === undefined ? undefined : readToken(body.token);
      const secret = secretOf(given, door.administration.random, MADE_BYTES);
      return {
        change: (state, before) => changePeople(state, { tokens: [{ ...said, hash: secret.hash(before) }] }, 'api'),
        shownOnce: before => (secret.isMade(before) ? { token: secret.clear } : {}),
      };
    },
    drop: (state, name) => changePeople(state, { tokensGone: [name] }, 'api'),
  });
}

function readToken(text: string): string {
  if (text.length < TOKEN.min || text.length > TOKEN.max) {
    throw invalid('token', `must have ${TOKEN.min} to ${TOKEN.max} characters`);
  }
  if (!TOKEN.pattern.test(text)) throw invalid('token', `must consist of ${TOKEN.meaning}`);
  return text;
}
