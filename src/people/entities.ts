/** Who works here, who held which extension and device when, and which programs come in. */
import { boolean, defineEntity, type EntityRow, integer, json, nullable, text } from '../ledger/entity.ts';
import type { ManagedBy } from '../values/managedBy.ts';
import type { WithheldCallers } from './rules.ts';

export const ROLES = ['administrator', 'supervisor', 'agent', 'reporter'] as const;
/**
 * administrator: everything. supervisor: reads and corrects all calls. agent: reads own calls. reporter: reports
 * calls, reads nothing.
 */
export type Role = (typeof ROLES)[number];

export const user = defineEntity({
  name: 'user',
  columns: {
    id: integer(),
    login: text({ personal: 'name' }),
    name: text({ personal: 'name' }),
    /** scrypt, with its parameters; null: cannot log in. */
    password: nullable(text()),
    roles: json<readonly Role[]>(),
    active: boolean(),
    /** What an agent desktop may use (docs/genesys.md, section 5.5). */
    features: json<readonly string[]>(),
    managedBy: text<ManagedBy>(),
  },
  key: ['id'],
  indexes: { byLogin: { columns: ['login'], unique: true } },
  resident: true,
});
export type User = EntityRow<typeof user>;

/** An extension was held by a user from `from` up to, not including, `until` (UTC milliseconds). */
export const extension = defineEntity({
  name: 'extension',
  columns: {
    number: text({ personal: 'number' }),
    /** The key of the PBX that it is an extension of; `EVERYWHERE`: of each where nobody else holds it. */
    source: text(),
    from: integer(),
    until: integer(),
    userId: integer(),
  },
  key: ['number', 'source', 'from'],
  indexes: { byNumber: { columns: ['number'] }, byUser: { columns: ['userId'] } },
  resident: true,
});
export type Extension = EntityRow<typeof extension>;

/** A device belonged to a user from `from` up to, not including, `until` (UTC milliseconds). */
export const device = defineEntity({
  name: 'device',
  columns: { id: text({ personal: 'number' }), from: integer(), until: integer(), userId: integer() },
  key: ['id', 'from'],
  indexes: { byId: { columns: ['id'] }, byUser: { columns: ['userId'] } },
  resident: true,
});
export type Device = EntityRow<typeof device>;

export const token = defineEntity({
  name: 'token',
  columns: {
    id: integer(),
    name: text(),
    /** SHA-256 of the token, base64url. */
    hash: text(),
    roles: json<readonly Role[]>(),
    active: boolean(),
    managedBy: text<ManagedBy>(),
  },
  key: ['id'],
  indexes: { byName: { columns: ['name'], unique: true }, byHash: { columns: ['hash'] } },
  resident: true,
});
export type Token = EntityRow<typeof token>;

/** Where a program calls Bitrix24 methods as a user: `/rest/{user}/{code}/{method}`. */
export const webhook = defineEntity({
  name: 'webhook',
  columns: {
    id: integer(),
    name: text(),
    userId: integer(),
    /** SHA-256 of the code, base64url. */
    codeHash: text(),
    /** What its methods may belong to. */
    scope: json<readonly string[]>(),
    withheld: text<WithheldCallers>(),
    /** The portal whose calls it tells of: all webhooks share one. */
    sourceId: integer(),
    active: boolean(),
    managedBy: text<ManagedBy>(),
  },
  key: ['id'],
  indexes: { byHash: { columns: ['codeHash'] } },
  resident: true,
});
export type Webhook = EntityRow<typeof webhook>;

/** No source in particular. */
export const EVERYWHERE = '';

/** Since ever, and for ever. */
export const ALWAYS = 0;
export const FOREVER = 253_402_300_799_999;

export const peopleEntities = [user, extension, device, token, webhook];
