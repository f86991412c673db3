import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Access, demandAgent } from './access.ts';
import { readObject } from './body.ts';
import { devicesOf, ownDevice } from './devices.ts';
import { Fault, sendDone, sendResource } from './errors.ts';
import { readOperation } from './parameters.ts';
import { deviceUri, deviceView, type Place, userView } from './resources.ts';
import { baseOf, onlyMethods } from './routes.ts';

/** The edition this node passes for; desktops ask for it before they log in. */
const VERSION = '8.5.202.96';

/** The channel that exists here. */
const VOICE = 'voice';
/** The vendor has half a dozen. */
const MAX_CHANNELS = 100;

/** Accepted and without consequence: the state of an agent is not kept. */
const AGENT_OPERATIONS = {
  StartContactCenterSession: true,
  EndContactCenterSession: true,
  Ready: true,
  NotReady: true,
};
const VOICE_OPERATIONS = { Ready: true, NotReady: true, AfterCallWork: true };

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The agent, devices and channels (docs/genesys.md, section 1, rows 1 to 4, row 6). */
export function meRoutes(app: FastifyInstance, access: Access): void {
  const onRequest = (request: FastifyRequest, reply: FastifyReply) => demandAgent(access, request, reply);
  const placeOf = (request: FastifyRequest): Place => ({
    directory: access.ledger.directory,
    base: baseOf(request, access.publicUrl(), app.prefix),
    now: access.clock(),
  });

  app.get('/diagnostics/version', (_request, reply) => sendResource(reply, { version: VERSION }));
  onlyMethods(app, '/diagnostics/version', 'GET');

  app.get<{ Querystring: Query }>('/me', { onRequest }, async (request, reply) => {
    const subresources = String(request.query['subresources'] ?? '');
    return sendResource(reply, { user: userView(placeOf(request), request.agent!, subresources) });
  });

  app.post('/me', { onRequest }, async (request, reply) => {
    const body = readObject(request);
    const operation = readOperation(body, AGENT_OPERATIONS);
    if (operation !== 'StartContactCenterSession') return sendDone(reply);
    const { succeeded, failed } = startChannels(readChannels(body['channels']));
    if (failed.length === 0) return sendDone(reply);
    if (succeeded.length === 0) throw new Fault('failed', failed[0]!.statusMessage);
    return sendResource(reply, { statusCode: 7, failed, succeeded });
  });
  onlyMethods(app, '/me', 'GET', 'POST');

  app.post('/me/channels/voice', { onRequest }, async (request, reply) => {
    readOperation(readObject(request), VOICE_OPERATIONS);
    return sendDone(reply);
  });
  onlyMethods(app, '/me/channels/voice', 'POST');

  app.get<{ Querystring: Query }>('/me/devices', { onRequest }, async (request, reply) => {
    const place = placeOf(request);
    const { id: userId } = request.agent!;
    const ids = devicesOf(place.directory, userId, place.now);
    if (request.query['fields'] === undefined) {
      return sendResource(reply, { uris: ids.map(each => deviceUri(place.base, each)) });
    }
    return sendResource(reply, { devices: ids.map(each => deviceView(place, userId, each)) });
  });
  onlyMethods(app, '/me/devices', 'GET');

  app.get<{ Params: { id: string } }>('/me/devices/:id', { onRequest }, async (request, reply) => {
    const place = placeOf(request);
    const { id: userId } = request.agent!;
    const id = ownDevice(place.directory, userId, request.params.id, place.now);
    return sendResource(reply, { device: deviceView(place, userId, id) });
  });
  onlyMethods(app, '/me/devices/:id', 'GET');
}

function readChannels(given: unknown): readonly string[] {
  if (given === undefined || given === null) throw new Fault('missing', 'channels is missing');
  if (!Array.isArray(given) || given.length > MAX_CHANNELS || given.some(each => typeof each !== 'string')) {
    throw new Fault('invalid', 'channels: must be a list of names');
  }
  if (given.length === 0) throw new Fault('missing', 'channels names no channel');
  return [...new Set(given as string[])];
}

/** What becomes of each channel (docs/genesys.md, case H9): only voice exists here. */
function startChannels(channels: readonly string[]) {
  return {
    failed: channels
      .filter(each => each !== VOICE)
      .map(channel => ({ statusCode: 4, statusMessage: `There is no channel ${channel}`, channel })),
    succeeded: channels.filter(each => each === VOICE).map(channel => ({ statusCode: 0, channel })),
  };
}
