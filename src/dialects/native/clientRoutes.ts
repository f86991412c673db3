import type { FastifyInstance } from 'fastify';
import { putClient } from '../../clients/clients.ts';
import { type Client, client } from '../../clients/entities.ts';
import { type Message, message, type Registration, registration } from '../../portal/entities.ts';
import type { ClientType } from '../../values/clientRef.ts';
import { numberKey, WITHHELD_KEY } from '../../values/numberKey.ts';
import { cleanText } from '../../values/text.ts';
import { demand } from './access.ts';
import { answers, type NativeDoor } from './context.ts';
import { IdParams, readId } from './ids.ts';
import { writeInstant } from './instants.ts';
import { ownSource } from './ownSource.ts';
import { invalid, Problem } from './problem.ts';
import { NewClient } from './schemas.ts';

const TYPES: Readonly<Record<string, ClientType>> = { contacts: 'CONTACT', leads: 'LEAD', companies: 'COMPANY' };
const Params = {
  type: 'object',
  properties: { type: { type: 'string', enum: Object.keys(TYPES) }, id: { type: 'string' } },
  required: ['type', 'id'],
} as const;
const NEWEST = 200;

/** Who calls: contacts, leads and companies, and what users are told about finished calls. */
export function clientRoutes(app: FastifyInstance, door: NativeDoor): void {
  const { ledger, gate } = door;

  app.put<{ Params: { type: string; id: string }; Body: NewClient }>(
    '/clients/:type/:id',
    {
      schema: {
        tags: ['clients'],
        summary: 'Make a contact, lead or company what is said',
        params: Params,
        body: NewClient,
        response: answers(null),
      },
    },
    async (request, reply) => {
      demand(gate, request.caller!, 'clients.manage');
      const type = readType(request.params.type);
      const { name, phones, responsibleId = null } = request.body;
      if (responsibleId !== null && !door.userExists(responsibleId)) {
        throw invalid('responsibleId', `must be a user; there is no user ${responsibleId}`);
      }
      const own = ownSource(ledger.directory);
      const cleaned = phones.map(each => cleanText(each).trim());
      const numberKeys = cleaned.map(each => numberKey(each, own)).filter(each => each !== WITHHELD_KEY);
      const said = { type, name: cleanText(name), phones: cleaned, numberKeys, responsibleId };
      const { isNew, row } = await ledger.submit(putClient(readId(request.params.id, 'id'), said));
      return reply.status(isNew ? 201 : 200).send(renderClient(row));
    },
  );

  app.get<{ Params: { type: string; id: string } }>(
    '/clients/:type/:id',
    {
      schema: { tags: ['clients'], summary: 'A contact, lead or company', params: Params, response: answers(null) },
    },
    async request => {
      demand(gate, request.caller!, 'clients.manage');
      const type = readType(request.params.type);
      const [row] = await ledger.reader.select<Client>({
        from: client,
        where: [
          { column: 'type', is: '=', value: type },
          { column: 'id', is: '=', value: readId(request.params.id, 'id') },
        ],
        limit: 1,
      });
      if (row === undefined) throw new Problem('not_found', `there is no ${type.toLowerCase()} ${request.params.id}`);
      return renderClient(row);
    },
  );

  app.get<{ Params: { id: string } }>(
    '/users/:id/messages',
    {
      schema: {
        tags: ['clients'],
        summary: 'What a user was told about finished calls, newest first',
        params: IdParams,
        response: answers(null),
      },
    },
    async request => {
      const allowed = demand(gate, request.caller!, 'calls.read', 'calls.readOwn');
      const id = readId(request.params.id, 'id');
      if (!door.userExists(id) || (allowed === 'calls.readOwn' && id !== request.caller!.userId)) {
        throw new Problem('not_found', `there is no user ${id}`);
      }
      const rows = await ledger.reader.select<Message>({
        from: message,
        where: [{ column: 'userId', is: '=', value: id }],
        orderBy: [{ column: 'id', descending: true }],
        limit: NEWEST,
      });
      const about = await ledger.reader.select<Registration>({
        from: registration,
        where: [{ column: 'id', in: rows.map(each => each.sourceCallId) }],
        limit: NEWEST,
      });
      const registrations = new Map(about.map(each => [each.id, each]));
      return { items: rows.map(row => renderMessage(row, registrations.get(row.sourceCallId)!)) };
    },
  );
}

function readType(word: string): ClientType {
  const type = TYPES[word];
  if (type === undefined) throw invalid('type', `must be one of ${Object.keys(TYPES).join(', ')}`);
  return type;
}

function renderClient({ numberKeys: _numberKeys, createdAt, type, ...rest }: Client) {
  return { type: type.toLowerCase(), ...rest, createdAt: writeInstant(createdAt) };
}

/** Written when it is read: the number can be erased without the message knowing it. */
function renderMessage(
  { id, at, sourceCallId, inbound, answered }: Message,
  { phoneNumber, durationSeconds }: Registration,
) {
  const whom = phoneNumber === '' ? 'a withheld number' : phoneNumber;
  const what = answered ? `finished after ${writeDuration(durationSeconds ?? 0)}` : 'was not answered';
  const text = `${inbound ? 'The call from' : 'The call to'} ${whom} ${what}.`;
  return { id, at: writeInstant(at), callId: sourceCallId, text };
}

const writeDuration = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
