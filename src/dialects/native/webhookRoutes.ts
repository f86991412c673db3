import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type Webhook, webhook } from '../../people/entities.ts';
import { WEBHOOK_NAME, WITHHELD_CALLERS } from '../../people/rules.ts';
import { readText, secretOf, stateOfRow } from './administeredFields.ts';
import { administrationRoutes } from './administration.ts';
import type { NativeDoor } from './context.ts';
import { invalid } from './problem.ts';
import { rowId, words } from './schemas.ts';

const Withheld = words(
  [...WITHHELD_CALLERS],
  'An inbound call without a number, or with a word such as `anonymous` for it: accept takes it as nobody’s, refuse refuses it.',
);

/** 192 bits, 32 letters and digits. */
const MADE_BYTES = 24;

export const NewWebhook = Type.Object(
  {
    userId: Type.Integer({ minimum: 1, description: 'As whom the program comes in.' }),
    name: Type.Optional(Type.String({ examples: ['PBX connector'] })),
    scope: Type.Optional(
      Type.Array(Type.String({ maxLength: 40 }), {
        maxItems: 20,
        description: 'Which methods may be called; all unless said otherwise.',
      }),
    ),
    withheld: Type.Optional(Withheld),
    code: Type.Optional(
      Type.String({
        description:
          'The secret part of the address. Left out for one that is new or not active, the server makes it and shows it in this answer alone.',
        writeOnly: true,
      }),
    ),
  },
  { $id: 'NewWebhook', additionalProperties: false, examples: [{ userId: 7, name: 'PBX connector' }] },
);
export type NewWebhook = Type.Static<typeof NewWebhook>;

export const WebhookView = Type.Object(
  {
    id: Type.Integer(),
    userId: Type.Integer(),
    name: Type.String(),
    scope: Type.Array(Type.String()),
    withheld: Withheld,
    code: Type.Optional(Type.String({ description: 'Only in the answer of the request that had the server make it.' })),
    ...stateOfRow,
  },
  {
    $id: 'Webhook',
    examples: [
      {
        id: 3,
        userId: 7,
        name: 'PBX connector',
        scope: ['telephony', 'crm', 'user'],
        withheld: 'accept',
        active: true,
        managedBy: 'api',
      },
    ],
  },
);

/** Where telephony applications come in as a user: `/rest/{userId}/{code}/{method}`. */
export function webhookRoutes(app: FastifyInstance, door: NativeDoor): void {
  const { administration } = door;
  const { webhookRules } = administration;
  administrationRoutes<Webhook, number, NewWebhook>(app, door, {
    name: 'webhook',
    plural: 'webhooks',
    parameter: 'id',
    about: {
      list: 'Where telephony applications come in as a user, at `/rest/{userId}/{code}/{method}`.',
      put: 'You choose the id.',
      drop: 'Its address leads nowhere any more.',
    },
    view: WebhookView,
    body: NewWebhook,
    reference: rowId('The webhook.'),
    readRef: id => id,
    refOf: row => row.id,
    all: directory => directory.all(webhook),
    find: (directory, id) => directory.get(webhook, id),
    render: ({ id, userId, name, scope, withheld, active, managedBy }) => ({
      id,
      userId,
      name,
      scope,
      withheld,
      active,
      managedBy,
    }),
    put(id, { userId, name, scope, withheld = 'accept', code }) {
      if (code !== undefined && !webhookRules.code.test(code)) throw invalid('code', webhookRules.codeMeaning);
      const secret = secretOf(code, administration.random, MADE_BYTES);
      const unknown = scope?.findIndex(each => !webhookRules.scopes.includes(each)) ?? -1;
      if (unknown >= 0) throw invalid(`scope[${unknown}]`, `must be one of ${webhookRules.scopes.join(', ')}`);
      const said = {
        id,
        userId,
        name: name === undefined ? `of user ${userId}` : readText(name, 'name', WEBHOOK_NAME),
        scope: webhookRules.scopes.filter(each => scope === undefined || scope.includes(each)),
        withheld,
      };
      return {
        change: (state, before) =>
          administration.changeWebhooks(state, { webhooks: [{ ...said, codeHash: secret.hash(before) }] }),
        shownOnce: before => (secret.isMade(before) ? { code: secret.clear } : {}),
      };
    },
    drop: (state, id) => administration.changeWebhooks(state, { gone: [id] }),
  });
}
