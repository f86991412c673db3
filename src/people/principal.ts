import type { Role } from './entities.ts';

/** Who asks, once the door knows: a program with a token, or a person. */
export interface Principal {
  readonly kind: 'token' | 'user';
  /** The token's name or the user's login. */
  readonly name: string;
  /** Null for a token, which is nobody. */
  readonly userId: number | null;
  readonly roles: readonly Role[];
}
