/** An organisation with all three doors in use: a PBX, a telephony application, agents on a dialling campaign. */
import { FICTION_NUMBERS } from '../kit/fictionNumbers.ts';
import { ORGANISATION } from '../kit/organisation.ts';

/** Who may be told of at a telephone. */
export interface Employee {
  readonly userId: number;
  readonly extension: string;
}

/** Who works with a desktop. */
export interface Agent extends Employee {
  readonly login: string;
  readonly password: string;
  /** UUID. */
  readonly device: string;
}

export const CAMPAIGN = { campaignName: 'Campaign1', applicationId: 134 } as const;
export const CALLING_LIST = 'CallingList1';
/** The webhook of the telephony application; its user sees every call. */
export const WEBHOOK = { userId: 1, code: 'campaign-hook-0123' } as const;

const employed = (firstId: number, extensions: readonly number[]): readonly Employee[] =>
  extensions.map((extension, n) => ({ userId: firstId + n, extension: String(extension) }));
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

/** Some of the extensions and queue agents of the generated calls; the others' are nobody's. */
export const PBX_EMPLOYEES = employed(101, [...range(1001, 30), ...range(4001, 12)]);
/** Of their calls only the application tells. */
export const APP_EMPLOYEES = employed(201, range(2001, 60));

/** Each costs a start the time of checking one password. */
export const agents = (count: number): readonly Agent[] =>
  employed(11, range(3001, count)).map((employee, n) => ({
    ...employee,
    login: `agent${n + 1}`,
    password: `campaign-password-${n + 1}`,
    device: `42e3a1c6-fc5e-425b-9411-${String(n + 1).padStart(12, '0')}`,
  }));

/** What a server is started with; row n of the calling list has the custom field `row` n, counted from 1. */
export function threeDoors(
  desktops: readonly Agent[],
  records: number,
): { readonly config: object; readonly files: Readonly<Record<string, string>> } {
  const config = {
    ...ORGANISATION,
    users: [
      { id: WEBHOOK.userId, login: 'telephony', roles: ['supervisor'] },
      ...desktops.map(({ userId, login, password, extension, device }) => ({
        id: userId,
        login,
        password,
        extension,
        devices: [device],
      })),
      ...[...PBX_EMPLOYEES, ...APP_EMPLOYEES].map(({ userId, extension }) => ({
        id: userId,
        login: `employee${userId}`,
        extension,
      })),
    ],
    bitrix24: { webhooks: [{ user: WEBHOOK.userId, code: WEBHOOK.code }] },
    campaigns: [
      {
        name: CAMPAIGN.campaignName,
        applicationId: CAMPAIGN.applicationId,
        lists: [{ name: CALLING_LIST, file: 'list.csv' }],
      },
    ],
  };
  const rows = range(1, records).map(row => `${FICTION_NUMBERS[row % FICTION_NUMBERS.length]},${row}`);
  return { config, files: { 'list.csv': ['contact_info,row', ...rows].join('\n') } };
}
