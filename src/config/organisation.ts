/** What an organisation file says, checked and complete: defaults filled in, secrets in clear, instants in milliseconds. */
import type { NumberRanges } from '../calls/entities.ts';
import type { Role } from '../people/entities.ts';

export interface Organisation {
  /** IANA name. */
  readonly timeZone: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly users: readonly OrganisationUser[];
  readonly tokens: readonly OrganisationToken[];
  readonly sources: readonly OrganisationSource[];
  readonly outbound: { readonly allow: readonly string[] };
}

export interface OrganisationUser {
  readonly id: number;
  readonly login: string;
  /** In clear; null: cannot log in. */
  readonly password: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly active: boolean;
  readonly extensions: readonly Holding[];
  readonly devices: readonly Holding[];
}

/**
 * An extension or a device somebody holds. `from` and `to` (exclusive) are UTC milliseconds. An end that is null was not
 * stated; both null: it is held now, since when is for the ledger to know.
 */
export interface Holding {
  readonly what: string;
  readonly from: number | null;
  readonly to: number | null;
  /** Where in the file. */
  readonly path: string;
}

export interface OrganisationToken {
  readonly name: string;
  /** In clear. */
  readonly token: string;
  readonly roles: readonly Role[];
}

export interface OrganisationSource {
  readonly key: string;
  readonly kind: 'yeastar';
  readonly serial: string | null;
  readonly timeZone: string;
  readonly country: string;
  readonly areaCode: string | null;
  readonly outsidePrefix: string | null;
  /** In clear; null: the source does not sign. */
  readonly secret: string | null;
  readonly unsigned: boolean;
  readonly autoZone: boolean;
  readonly displayFormat: string | null;
  readonly abandonSeconds: number;
  readonly numbers: NumberRanges;
}

/** The key of the source behind `/v1`, which the server makes itself. */
export const NATIVE_SOURCE_KEY = 'native';
