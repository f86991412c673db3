/** An organisation with all three doors in use: a PBX, a telephony application, agents on a dialling campaign. */
import { type Agent, callingList, diallingCampaign } from '../kit/diallingCampaign.ts';
import { ORGANISATION } from '../kit/organisation.ts';
import { employed, portal } from '../kit/portal.ts';

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

/** Some of the extensions and queue agents of the generated calls; the others' are nobody's. */
export const PBX_EMPLOYEES = employed(101, [...range(1001, 30), ...range(4001, 12)]);
/** Of their calls only the application tells. */
export const APP_EMPLOYEES = employed(201, range(2001, 60));

/** What a server is started with; row n of the calling list has the custom field `row` n, counted from 1. */
export function threeDoors(
  desktops: readonly Agent[],
  records: number,
): { readonly config: object; readonly files: Readonly<Record<string, string>> } {
  const { users: employees, bitrix24 } = portal([...PBX_EMPLOYEES, ...APP_EMPLOYEES]);
  const { users: working, campaigns } = diallingCampaign(desktops);
  const config = { ...ORGANISATION, users: [...employees, ...working], bitrix24, campaigns };
  return { config, files: { 'list.csv': callingList(records) } };
}
