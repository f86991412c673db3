import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { putClient } from '../../clients/clients.ts';
import { type Client, client } from '../../clients/entities.ts';
import { type Message, message, type PortalCall, portalCall } from '../../portal/entities.ts';
import type { ClientType } from '../../values/clientRef.ts';
import { readNumber } from '../../values/givenNumber.ts';
import { sureNumberKey } from '../../values/numberKey.ts';
import { isSameUser } from '../../values/sameUser.ts';
import { cleanText } from '../../values/text.ts';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { writeInstant } from './instants.ts';
import { operation } from './operation.ts';
import { ownSource } from './ownSource.ts';
import { invalid, Problem } from './problem.ts';
import { IdParams, NewClient, rowId, words } from './schemas.ts';
import { Client as ClientView, MessagePage } from './views.ts';

const TYPES = { contacts: 'CONTACT', leads: 'LEAD', companies: 'COMPANY' } as const satisfies Record<
  string,
  ClientType
>;
const Params = Type.Object({
  type: words(['contacts', 'leads', 'companies'], 'Each type has ids of its own.'),
  id: rowId('The client.'),
});
type Params = Type.Static<typeof Params>;
const NEWEST = 200;

/** Contacts, leads and companies, and the messages to users about finished calls. */
export function clientRoutes(app: FastifyInstance, door: NativeDoor): void {
  putRoute(app, door);
  readRoute(app, door);
  messagesRoute(app, door);
}

function putRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.put<{ Params: Params; Body: NewClient }>(
    '/clients/:type/:id',
    operation({
      operationId: 'putClient',
      tag: 'clients',
      summary: 'Create or replace a contact, lead or company',
      description: 'Callers are found by the phones: the same E.164, or the same digits where there is no sure E.164.',
      params: Params,
      body: NewClient,
      answers: {
        200: { description: 'It was there, and is replaced.', schema: ClientView },
        201: { description: 'It is new.', schema: ClientView },
      },
    }),
    async (request, reply) => {
      demand(gate, request.caller!, 'clients.manage');
      const type = TYPES[request.params.type];
      const { name, phones, responsibleId = null } = request.body;
      if (responsibleId !== null && !door.userExists(responsibleId)) {
        throw invalid('responsibleId', `must be a user; there is no user ${responsibleId}`);
      }
      const own = ownSource(ledger.directory);
      const cleaned = phones.map((each, place) => readPhone(each, `phones[${place}]`));
      const numberKeys = cleaned.map(each => sureNumberKey(each, own)).filter(each => each !== null);
      const input = { type, name: cleanText(name), phones: cleaned, numberKeys, responsibleId };
      const { isNew, row } = await ledger.submit(putClient(request.params.id, input));
      return reply.status(isNew ? 201 : 200).send(renderClient(row));
    },
  );
}

function readRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.get<{ Params: Params }>(
    '/clients/:type/:id',
    operation({
      operationId: 'readClient',
      tag: 'clients',
      summary: 'A contact, lead or company',
      description: 'Entered by a person, or created for a call.',
      params: Params,
      answers: { 200: { description: 'The client.', schema: ClientView } },
      problems: ['not_found'],
    }),
    async request => {
      demand(gate, request.caller!, 'clients.manage');
      const type = TYPES[request.params.type];
      const [row] = await ledger.reader.select<Client>({
        from: client,
        where: [
          { column: 'type', is: '=', value: type },
          { column: 'id', is: '=', value: request.params.id },
        ],
        limit: 1,
      });
      if (row === undefined) throw new Problem('not_found', `there is no ${type.toLowerCase()} ${request.params.id}`);
      return renderClient(row);
    },
  );
}

function messagesRoute(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;
  app.get<{ Params: { id: number } }>(
    '/users/:id/messages',
    operation({
      operationId: 'listMessages',
      tag: 'clients',
      summary: 'Messages to a user about finished calls, newest first',
      description: `The newest ${NEWEST}. Agents read their own.`,
      params: IdParams,
      answers: { 200: { description: 'The messages.', schema: MessagePage } },
      problems: ['not_found'],
    }),
    async request => {
      const allowed = demand(gate, request.caller!, 'calls.read', 'calls.readOwn');
      const { id } = request.params;
      if (!door.userExists(id) || (allowed === 'calls.readOwn' && !isSameUser(id, request.caller!.userId))) {
        throw new Problem('not_found', `there is no user ${id}`);
      }
      const rows = await ledger.reader.select<Message>({
        from: message,
        where: [{ column: 'userId', is: '=', value: id }],
        orderBy: [{ column: 'id', descending: true }],
        limit: NEWEST,
      });
      const about = await ledger.reader.select<PortalCall>({
        from: portalCall,
        where: [{ column: 'id', in: rows.map(each => each.sourceCallId) }],
        limit: NEWEST,
      });
      const calls = new Map(about.map(each => [each.id, each]));
      return { items: rows.map(row => renderMessage(row, calls.get(row.sourceCallId)!)) };
    },
  );
}

/** A number without what stands around it. A word that says there is none is kept, and leads to no client. */
function readPhone(given: string, field: string): string {
  const { number, withheld, dialable } = readNumber(cleanText(given));
  if (!withheld && !dialable) throw invalid(field, 'must be a telephone number');
  return number ?? cleanText(given).trim();
}

function renderClient({ numberKeys: _numberKeys, createdAt, type, madeByCall, ...rest }: Client) {
  return { type: type.toLowerCase(), ...rest, createdByCallId: madeByCall, createdAt: writeInstant(createdAt) };
}

/** Written when it is read: the number can be erased without the message knowing it. */
function renderMessage(
  { id, at, sourceCallId, inbound, answered }: Message,
  { phoneNumber, durationSeconds }: PortalCall,
) {
  const whom = !phoneNumber ? 'a withheld number' : phoneNumber;
  const what = answered ? `finished after ${writeDuration(durationSeconds ?? 0)}` : 'was not answered';
  const text = `${inbound ? 'The call from' : 'The call to'} ${whom} ${what}.`;
  return { id, at: writeInstant(at), callId: sourceCallId, text };
}

const writeDuration = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
