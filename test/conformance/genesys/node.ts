/**
 * What the cases of docs/genesys.md, section 12 have in common: the agents, the campaign, the PBX, and the way to ask and
 * look. Titles begin with the number of the case; where that section has none, with the section and its rule (4.2) or the
 * trap (T2).
 */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { assertFewLoads } from '../../kit/loadRounds.ts';
import { ORGANISATION, SOURCE_KEY } from '../../kit/organisation.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../kit/server.ts';
import { basic, createV1Client, type V1Client } from '../../kit/v1Client.ts';
import { type Answer, exchange, type Sending } from './exchange.ts';

/** Somebody with a telephone. */
export interface Agent {
  readonly id: number;
  readonly login: string;
  readonly password: string;
  readonly extension: string;
  readonly device: string;
}

export const AGENT1: Agent = {
  id: 1,
  login: 'agent1',
  password: 'agent1-has-a-password',
  extension: '1003',
  device: '42e3a1c6-fc5e-425b-9411-125f536fde00',
};
export const AGENT2: Agent = {
  id: 2,
  login: 'agent2',
  password: 'agent2-has-a-password',
  extension: '1004',
  device: '68b39a39-dfb5-417d-9efe-93c03a1375af',
};
/** May log in, and has not the feature for outbound campaigns. */
export const PLAIN: Agent = {
  id: 3,
  login: 'plain',
  password: 'plain-has-a-paßword',
  extension: '1005',
  device: '2b00393c-9ad3-418f-8b3d-a06cbe8af395',
};

export const CAMPAIGN = 'Campaign1';
export const LIST = 'CallingList1';
export const LIST_FILE = 'list1.csv';
export const APPLICATION = 134;

const user = ({ device, ...agent }: Agent) => ({ ...agent, devices: [device] });

export const CONFIG = {
  timeZone: 'Europe/London',
  country: 'GB',
  tokens: ORGANISATION.tokens,
  users: [user(AGENT1), user(AGENT2), { ...user(PLAIN), features: ['api-voice'] }],
  sources: ORGANISATION.sources.filter(each => each.key === SOURCE_KEY),
  campaigns: [
    { name: CAMPAIGN, applicationId: APPLICATION, group: 'AgentGroup1', lists: [{ name: LIST, file: LIST_FILE }] },
  ],
};

/** The number of the `n`th record of a list, 1 to 999, none of them anybody's; also the record's id in `/v1/records`. */
export const numberOf = (n: number): string => `+442079460${String(n).padStart(3, '0')}`;
const placeOf = (number: string): number => Number(number.slice(-3));

/** A calling list of so many records. */
export const listOf = (records: number): string =>
  ['contact_info', ...Array.from({ length: records }, (_, place) => numberOf(place + 1))].join('\n');

/** As `GET /v1/records/{id}` answers. */
export interface RecordView {
  readonly handle: number | null;
  readonly contactInfo: string;
  readonly recordStatus: number;
  readonly callResult: string;
  readonly callResultCode: number;
  readonly resultFrom: string | null;
  readonly attempts: number;
  readonly userId: number | null;
  readonly completedAt: string | null;
  readonly callId: number | null;
}

export const DONE = { status: 200, body: { statusCode: 0 } };

export interface Node {
  readonly server: RunningServer;
  readonly v1: V1Client;
  /** `path` below `/api/v2`. */
  send(path: string, sending?: Sending): Promise<Answer>;
  /** Sends, and reads the JSON of an answer that says it is JSON. */
  ask(path: string, sending?: Sending): Promise<{ status: number; body: Readonly<Record<string, unknown>> }>;
  /** CompleteRecord as in the anchor sample, changed in what is given; undefined takes a parameter away. */
  complete(
    handle: number | string,
    changes?: Readonly<Record<string, unknown>>,
    agent?: Agent,
  ): ReturnType<Node['ask']>;
  /** An operation of a campaign. */
  preview(operationName: string, agent?: Agent, campaignName?: string): ReturnType<Node['ask']>;
  /** The record that has this number in its list. */
  recordOf(number: string): Promise<RecordView>;
}

export const authorizationOf = ({ login, password }: Agent): string => basic(login, password);

/** The body of a CompleteRecord. */
export const completing = (
  changes: Readonly<Record<string, unknown>> = {},
  agent: Agent = AGENT1,
): Readonly<Record<string, unknown>> => ({
  operationName: 'CompleteRecord',
  devicePath: `/devices/${agent.device}`,
  callingList: LIST,
  applicationId: APPLICATION,
  campaignName: CAMPAIGN,
  referenceId: '123456789',
  ...changes,
});

/** Speaks to a server that runs. */
export function nodeOf(server: RunningServer): Node {
  const v1 = createV1Client(server);
  const send = (path: string, sending?: Sending) => exchange(server.port, `/api/v2${path}`, sending);
  const ask: Node['ask'] = async (path, sending) => {
    const { status, headers, text } = await send(path, sending);
    assert.match(headers['content-type'] ?? '', /^application\/json(;|$)/);
    return { status, body: JSON.parse(text) };
  };
  return {
    server,
    v1,
    send,
    ask,
    complete: (handle, changes, agent = AGENT1) =>
      ask(`/me/outbound-records/${handle}`, {
        body: completing(changes, agent),
        authorization: authorizationOf(agent),
      }),
    preview: (operationName, agent = AGENT1, campaignName = CAMPAIGN) =>
      ask(`/me/outbound-campaigns/${campaignName}`, {
        body: { operationName, applicationId: APPLICATION, devicePath: `/devices/${agent.device}`, referenceId: 'p' },
        authorization: authorizationOf(agent),
      }),
    recordOf: async number => {
      const found = await v1.get<RecordView>(`/v1/records/${placeOf(number)}`);
      assert.equal(found.contactInfo, number);
      return found;
    },
  };
}

/** A server for the tests of one file, whose list has so many records, or says what is given; it ends with them. */
export async function startNode(list: number | string, options: Omit<ServerOptions, 'files'> = {}): Promise<Node> {
  const server = await startServer({ config: CONFIG, ...options, files: { [LIST_FILE]: listText(list) } });
  after(async () => {
    await using _ = server;
    await assertFewLoads(server);
  });
  return nodeOf(server);
}

export const listText = (list: number | string): string => (typeof list === 'number' ? listOf(list) : list);
