import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type Campaign, callingList, campaign } from '../../campaigns/entities.ts';
import { CAMPAIGN_NAME, DEFAULT_GROUP, MAX_APPLICATION_ID } from '../../campaigns/rules.ts';
import { readCountry, readText, readTimeZone, stateOfRow } from './administeredFields.ts';
import { administrationRoutes } from './administration.ts';
import type { NativeDoor } from './context.ts';

export const NewCampaign = Type.Object(
  {
    applicationId: Type.Integer({
      minimum: 1,
      maximum: MAX_APPLICATION_ID,
      description: 'Which outbound server the desktops take it for.',
    }),
    group: Type.Optional(Type.String({ description: `The group of agents; ${DEFAULT_GROUP} unless said otherwise.` })),
    timeZone: Type.Optional(Type.String({ description: 'IANA name; the organisation’s unless said otherwise.' })),
    country: Type.Optional(Type.String({ description: 'Two letters; the organisation’s unless said otherwise.' })),
  },
  { $id: 'NewCampaign', additionalProperties: false, examples: [{ applicationId: 134 }] },
);
export type NewCampaign = Type.Static<typeof NewCampaign>;

export const CampaignView = Type.Object(
  {
    name: Type.String(),
    applicationId: Type.Integer(),
    group: Type.String(),
    timeZone: Type.String(),
    country: Type.String(),
    lists: Type.Array(
      Type.Object({
        name: Type.String(),
        active: Type.Boolean(),
        rows: Type.Integer({ description: 'Of the file that was imported last.' }),
      }),
      { description: 'Calling lists are imported with the organisation file.' },
    ),
    ...stateOfRow,
  },
  {
    $id: 'Campaign',
    examples: [
      {
        name: 'Spring',
        applicationId: 134,
        group: 'Agents',
        timeZone: 'Europe/Berlin',
        country: 'DE',
        lists: [{ name: 'Customers', active: true, rows: 1200 }],
        active: true,
        managedBy: 'api',
      },
    ],
  },
);

/** Whom to call. */
export function campaignRoutes(app: FastifyInstance, door: NativeDoor): void {
  const { administration } = door;
  administrationRoutes<Campaign, string, NewCampaign>(app, door, {
    name: 'campaign',
    plural: 'campaigns',
    parameter: 'name',
    about: {
      list: 'Campaigns of outbound calls, and the calling lists imported for them.',
      put: 'You choose the name. Its calling lists stay as they are.',
      drop: 'Its desktops get no more records; its calls and results stay.',
    },
    view: CampaignView,
    body: NewCampaign,
    reference: Type.String({ maxLength: CAMPAIGN_NAME.max, description: 'The name of the campaign.' }),
    readRef: text => readText(text, 'name', CAMPAIGN_NAME),
    refOf: row => row.name,
    all: directory => directory.all(campaign),
    find: (directory, name) => directory.find(campaign, 'byName', name)[0],
    render({ id, name, applicationId, groupName, timeZone, country, active, managedBy }, directory) {
      const lists = directory.find(callingList, 'byCampaign', id);
      return {
        name,
        applicationId,
        group: groupName.slice(name.length + 1),
        timeZone,
        country,
        lists: lists.map(each => ({ name: each.name, active: each.active, rows: each.fileRows })),
        active,
        managedBy,
      };
    },
    put(name, body) {
      const said = {
        name,
        applicationId: body.applicationId,
        group: body.group === undefined ? DEFAULT_GROUP : readText(body.group, 'group', CAMPAIGN_NAME),
        timeZone: body.timeZone === undefined ? door.timeZone() : readTimeZone(body.timeZone),
        country: body.country === undefined ? administration.country() : readCountry(body.country),
      };
      return { change: state => administration.changeCampaigns(state, { campaigns: [said] }) };
    },
    drop: (state, name) => administration.changeCampaigns(state, { gone: [name] }),
  });
}
