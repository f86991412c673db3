import type { Role } from './entities.ts';
import type { Principal } from './principal.ts';

export const PERMISSIONS = [
  'calls.report',
  'calls.read',
  'calls.readOwn',
  'calls.correct',
  'statistics.read',
  'events.read',
  'clients.manage',
  'quarantine.manage',
  'nodes.read',
  'organisation.manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const ALLOWED: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: PERMISSIONS,
  supervisor: ['calls.read', 'calls.correct', 'statistics.read', 'events.read', 'clients.manage'],
  agent: ['calls.readOwn'],
  reporter: ['calls.report'],
};

/** Whether one of the principal's roles allows it. `calls.read` does not say `calls.readOwn`: ask for both. */
export function may(principal: Principal, permission: Permission): boolean {
  return principal.roles.some(role => ALLOWED[role].includes(permission));
}
