import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AgentDevice } from '../../campaigns/context.ts';
import type { Command } from '../../ledger/state.ts';
import { cleanText } from '../../values/text.ts';
import { type Access, demandAgent } from './access.ts';
import { readObject } from './body.ts';
import type { GenesysDoor } from './context.ts';
import { deviceIdIn, ownDevice } from './devices.ts';
import { Fault, sendDone } from './errors.ts';
import { complete, endPreview, type Outcome, retrieveRecord, startPreview } from './operations.ts';
import type { OutboxFeed } from './outboxFeed.ts';
import {
  CAMPAIGN_OPERATIONS,
  RECORD_OPERATIONS,
  type Reference,
  readHandle,
  readOperation,
  readParameters,
} from './parameters.ts';
import type { OperationRequest } from './render.ts';
import { onlyMethods } from './routes.ts';

const FEATURE = 'api-voice-outbound';

export interface Routed {
  readonly door: GenesysDoor;
  readonly access: Access;
  readonly publisher: Pick<OutboxFeed, 'deliver'>;
}

/**
 * What the outbound server is asked (docs/genesys.md, section 2). It is answered 0; what comes of it is told over Bayeux.
 */
export function outboundRoutes(app: FastifyInstance, routed: Routed): void {
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    await demandAgent(routed.access, request, reply);
    if (request.agent!.features.includes(FEATURE)) return;
    throw new Fault('forbidden', `The feature ${FEATURE} is not assigned to this user`);
  };
  campaignRoute(app, routed, onRequest);
  recordRoute(app, routed, onRequest);
}

type OnRequest = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

function campaignRoute(app: FastifyInstance, routed: Routed, onRequest: OnRequest): void {
  const { door } = routed;
  const url = '/me/outbound-campaigns/:campaignName';
  app.post<{ Params: { campaignName: string } }>(url, { onRequest }, async (request, reply) => {
    const began = performance.now();
    const body = readObject(request);
    const operation = readOperation(body, CAMPAIGN_OPERATIONS);
    const { agent, requested } = operationRequestOf(
      door,
      request,
      readParameters(CAMPAIGN_OPERATIONS[operation], body),
    );
    const campaignName = cleanText(request.params.campaignName);
    switch (operation) {
      case 'StartPreviewSession':
        return perform(routed, startPreview(door, agent, requested, campaignName), reply, began);
      case 'EndPreviewSession':
        return perform(routed, endPreview(door, agent, requested, campaignName), reply, began);
      case 'GetPreviewRecord': {
        const attempt = { campaignName, attemptGuid: newAttemptGuid(door) };
        return perform(routed, retrieveRecord(door, agent, requested, attempt), reply, began);
      }
    }
  });
  onlyMethods(app, url, 'POST');
}

function recordRoute(app: FastifyInstance, routed: Routed, onRequest: OnRequest): void {
  const { door } = routed;
  const url = '/me/outbound-records/:handle';
  app.post<{ Params: { handle: string } }>(url, { onRequest }, async (request, reply) => {
    const began = performance.now();
    const handle = readHandle(request.params.handle);
    const body = readObject(request);
    const operation = readOperation(body, RECORD_OPERATIONS);
    const parameters = readParameters(RECORD_OPERATIONS[operation], body);
    const { agent, requested } = operationRequestOf(door, request, parameters);
    const incoming = { raw: request.body as Buffer, contentType: request.headers['content-type'] ?? null };
    return perform(routed, complete(door, agent, requested, handle, parameters, incoming), reply, began);
  });
  onlyMethods(app, url, 'POST');
}

/** Who asks, and what of the question its answers repeat. */
function operationRequestOf(
  { ledger, clock }: GenesysDoor,
  request: FastifyRequest,
  parameters: { devicePath: string; applicationId: number; referenceId: Reference | undefined },
): { readonly agent: AgentDevice; readonly requested: OperationRequest } {
  const { id: userId, login } = request.agent!;
  const { devicePath, applicationId, referenceId } = parameters;
  const deviceId = deviceIdIn(devicePath);
  return {
    agent: { userId, login, deviceId: ownDevice(ledger.directory, userId, deviceId, clock()) },
    requested: { devicePath, deviceId, applicationId, referenceId },
  };
}

/** `began`: when the request came, on the clock of `performance`. */
async function perform(
  { door, publisher }: Routed,
  command: Command<Outcome>,
  reply: FastifyReply,
  began: number,
): Promise<FastifyReply> {
  const outcome = await door.ledger.submit(command);
  door.count(outcome.done ? 'accepted' : 'refused');
  publisher.deliver(outcome, performance.now() - began);
  return sendDone(reply);
}

/** 32 characters, as in `01AJ7BMDBGANF1AABGHAHG5AES000003`. */
function newAttemptGuid({ random }: GenesysDoor): string {
  return Buffer.from(random(16)).toString('hex').toUpperCase();
}
