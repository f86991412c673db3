/** A dialling campaign with one calling list, and agents who work on it with desktops. */
import { FICTION_NUMBERS } from './fictionNumbers.ts';
import { type Employee, employed } from './portal.ts';
import { postRequest } from './postRequest.ts';
import { basic } from './v1Client.ts';

export interface Agent extends Employee {
  readonly login: string;
  readonly password: string;
  /** UUID. */
  readonly device: string;
}

export const CAMPAIGN = { campaignName: 'Campaign1', applicationId: 134 } as const;
export const CALLING_LIST = 'CallingList1';

/** Each costs a start the time of checking one password. */
export const agents = (count: number): readonly Agent[] =>
  employed(
    11,
    Array.from({ length: count }, (_, n) => 3001 + n),
  ).map((employee, n) => ({
    ...employee,
    login: `agent${n + 1}`,
    password: `campaign-password-${n + 1}`,
    device: `42e3a1c6-fc5e-425b-9411-${String(n + 1).padStart(12, '0')}`,
  }));

/** For the organisation file, which names the calling list `list.csv`. */
export function diallingCampaign(working: readonly Agent[]) {
  return {
    users: working.map(({ userId, login, password, extension, device }) => ({
      id: userId,
      login,
      password,
      extension,
      devices: [device],
    })),
    campaigns: [
      {
        name: CAMPAIGN.campaignName,
        applicationId: CAMPAIGN.applicationId,
        lists: [{ name: CALLING_LIST, file: 'list.csv' }],
      },
    ],
  };
}

/** The content of `list.csv`. Row n, counted from 1, has the custom field `row` n; numbers come again and again. */
export function callingList(rows: number): string {
  const lines = Array.from({ length: rows }, (_, n) => `${FICTION_NUMBERS[n % FICTION_NUMBERS.length]},${n + 1}`);
  return ['contact_info,row', ...lines].join('\n');
}

export const authorizationOf = ({ login, password }: Agent): string => basic(login, password);

export interface Outbound {
  readonly reference: string;
  /** A name of docs/genesys.md, section 3.1; without it the result is left to the call. */
  readonly callResult?: string | undefined;
}

/** Asks for the next record. */
export function previewRequest(agent: Agent, { reference }: Outbound): string {
  const body = { operationName: 'GetPreviewRecord', applicationId: CAMPAIGN.applicationId };
  return outboundRequest(agent, `/me/outbound-campaigns/${CAMPAIGN.campaignName}`, { ...body, referenceId: reference });
}

/** Completes a record, as in the anchor sample (docs/genesys.md, section 2.5). */
export function completionRequest(agent: Agent, handle: number, { reference, callResult }: Outbound): string {
  const body = { operationName: 'CompleteRecord', ...CAMPAIGN, callingList: CALLING_LIST, referenceId: reference };
  const result = callResult === undefined ? {} : { callResult };
  return outboundRequest(agent, `/me/outbound-records/${handle}`, { ...body, ...result });
}

function outboundRequest(agent: Agent, path: string, body: object): string {
  const text = JSON.stringify({ ...body, devicePath: `/devices/${agent.device}` });
  return postRequest(`/api/v2${path}`, text, { authorization: authorizationOf(agent) });
}
