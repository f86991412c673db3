/** The agent, features and devices as a GWS node shows them (docs/genesys.md, section 5.5). */
import { createHash } from 'node:crypto';
import type { Directory } from '../../ledger/directory.ts';
import type { User } from '../../people/entities.ts';
import { devicesOf, phoneNumberOf } from './devices.ts';

/** Where a resource is seen from: what every `uri` begins with, up to `/api/v2`. */
export interface Place {
  readonly directory: Directory;
  readonly base: string;
  /** UTC milliseconds. */
  readonly now: number;
}

const FEATURES: Readonly<Record<string, { readonly displayName: string; readonly description: string }>> = {
  'api-voice-outbound': { displayName: 'Voice API Outbound', description: 'API for Outbound' },
  'api-voice': { displayName: 'Voice API', description: 'API for Voice' },
};

/** The vendor's constant; agent states other than this are not kept. */
const READY = { id: '9430250E-0A1B-421F-B372-F29E69366DED', displayName: 'Ready', state: 'Ready' };

/** What `subresources` may name; each becomes a key of the user. */
const SUBRESOURCES: Readonly<Record<string, (place: Place, agent: Readonly<User>) => unknown>> = {
  features: ({ base }, { features }) => features.map(id => featureView(base, id)),
  devices: (place, { id }) => devicesOf(place.directory, id, place.now).map(each => deviceView(place, id, each)),
  channels: () => [],
  calls: () => [],
  settings: (_place, { features }) => settingsView(features),
};

/** `subresources`: names with commas between them, or `*`; names that mean nothing here are passed over. */
export function userView(place: Place, agent: Readonly<User>, subresources: string): Record<string, unknown> {
  const requested = subresources.split(',').map(each => each.trim());
  const given = Object.entries(SUBRESOURCES).filter(([name]) => requested.includes('*') || requested.includes(name));
  const id = stableId(`user ${agent.id}`);
  const [firstName = '', ...lastNames] = agent.name.split(' ');
  return {
    id,
    userName: agent.login,
    firstName,
    lastName: lastNames.join(' '),
    emailAddress: agent.login.includes('@') ? agent.login : '',
    roles: ['ROLE_AGENT'],
    enabled: agent.active,
    changePasswordOnFirstLogin: false,
    contactCenterId: asUuid(stableId('contact center')),
    ...Object.fromEntries(given.map(([name, view]) => [name, view(place, agent)])),
    uri: `${place.base}/users/${id}`,
    path: `/users/${id}`,
  };
}

/** It has no `path`: desktops build `devicePath` from the id. */
export function deviceView({ directory, base, now }: Place, userId: number, id: string): Record<string, unknown> {
  return {
    id,
    deviceState: 'Active',
    userState: READY,
    phoneNumber: phoneNumberOf(directory, userId, now),
    description: '',
    e164Number: '',
    telephonyNetwork: 'Private',
    doNotDisturb: 'Off',
    voiceEnvironmentUri: `${base}/voice-environments/${asUuid(stableId('voice environment'))}`,
    capabilities: ['DoNotDisturbOn', 'ForwardCallsOn'],
    channels: ['voice'],
    dynamicPhoneNumber: '',
    uri: deviceUri(base, id),
  };
}

export const deviceUri = (base: string, id: string): string => `${base}/me/devices/${id}`;

function featureView(base: string, id: string): Record<string, unknown> {
  const path = `/features/${id}`;
  const { displayName, description } = FEATURES[id] ?? { displayName: id, description: '' };
  return { id, displayName, description, autoAssignOnContactCenterCreate: true, uri: `${base}${path}`, path };
}

/** Results a desktop offers when the vendor's own options say nothing else (docs/genesys.md, section 3.1). */
const OFFERED_RESULTS = 'Answered,NoAnswer,AnsweringMachine,Busy,WrongNumber';

function settingsView(features: readonly string[]): Record<string, Record<string, string>> {
  const isOutbound = features.includes('api-voice-outbound');
  return {
    'interaction-workspace': {
      'privilege.outbound.can-use': String(isOutbound),
      ...(isOutbound ? { 'outbound.call-result-values': OFFERED_RESULTS } : {}),
    },
  };
}

/** 32 hex digits, the same after every start: desktops keep settings by them. */
function stableId(name: string): string {
  return createHash('sha256').update(`aftercall ${name}`).digest('hex').slice(0, 32);
}

const asUuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
