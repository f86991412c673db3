/** The organisation that the tests of `/v1` work in, and one server per file of tests. */
import { after } from 'node:test';
import { ORGANISATION } from '../kit/organisation.ts';
import { type RunningServer, type ServerOptions, startServer } from '../kit/server.ts';
import { createV1Client, type V1Client } from '../kit/v1Client.ts';

export const ANNA = { id: 1, login: 'anna', password: 'anna-has-a-password', extension: '2001' } as const;
export const BERT = { id: 2, login: 'bert', password: 'bert-has-a-password', extension: '2002' } as const;
export const CARLA = { id: 3, login: 'carla', password: 'carla-has-a-password' } as const;

export const TOKENS = {
  administrator: 'campaign-token-0123456789',
  supervisor: 'supervisor-token-0123456789',
  agent: 'agent-token-0123456789',
  reporter: 'reporter-token-0123456789',
} as const;
export type Role = keyof typeof TOKENS;
export const ROLES = Object.keys(TOKENS) as Role[];

export const HOUSE = {
  ...ORGANISATION,
  users: [
    { ...ANNA, name: 'Anna Berg', roles: ['agent'] },
    { ...BERT, name: 'Bert Tal', roles: ['agent'] },
    { ...CARLA, name: 'Carla Feld', roles: ['supervisor'] },
  ],
  tokens: ROLES.map(role => ({ name: role === 'administrator' ? 'ops' : role, token: TOKENS[role], roles: [role] })),
} as const;

export interface House {
  readonly server: RunningServer;
  readonly v1: V1Client;
}

/** A server that ends with the tests of the file. */
export async function openHouse(options: ServerOptions = {}): Promise<House> {
  const server = await startServer({ config: HOUSE, ...options });
  after(() => server[Symbol.asyncDispose]());
  return { server, v1: createV1Client(server) };
}

let counter = 0;

/** A call of 40 seconds that was answered after 10, under an id of its own. */
export const statedCall = (changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  externalId: `call-${++counter}`,
  direction: 'inbound',
  from: '+442079460123',
  to: '+442079460100',
  startedAt: '2026-03-02T10:00:00Z',
  durationSeconds: 40,
  talkSeconds: 30,
  ...changes,
});
