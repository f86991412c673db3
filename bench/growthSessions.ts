/** Memory of a server that holds many sessions of desktops, or many event streams of browsers, in which nothing happens. */
import { connect, type Socket } from 'node:net';
import { BayeuxClient } from '../test/kit/bayeuxClient.ts';
import { agents, authorizationOf, callingList, diallingCampaign } from '../test/kit/diallingCampaign.ts';
import { ORGANISATION } from '../test/kit/organisation.ts';
import { processUse } from '../test/kit/processUse.ts';
import { RawConnection } from '../test/kit/rawConnection.ts';
import { type RunningServer, startServer } from '../test/kit/server.ts';

/** Fewer than one agent may have (`src/bayeux/limits.ts`). */
const SESSIONS_PER_AGENT = 40;
const OPENED_AT_ONCE = 32;
const CHANNELS = ['/v2/me/*', '/v2/me/outbound', '/me/internal'];

export interface HeldMemory {
  readonly title: string;
  readonly sessions: number;
  /** Resident, before the first session and with all of them. */
  readonly beforeBytes: number;
  readonly heldBytes: number;
}

export async function measureSessions(sessions: number): Promise<HeldMemory[]> {
  return [
    await held('CometD sessions, each holding a connect', sessions, holdDesktops),
    await held('event streams of /v1', sessions, holdStreams),
  ];
}

type Hold = (server: RunningServer, sessions: number) => Promise<() => void>;

async function held(title: string, sessions: number, hold: Hold): Promise<HeldMemory> {
  const { users, campaigns } = diallingCampaign(agents(Math.ceil(sessions / SESSIONS_PER_AGENT)));
  const config = { ...ORGANISATION, users, campaigns };
  const server = await startServer({ config, files: { 'list.csv': callingList(1) }, sqlite: true });
  try {
    const beforeBytes = processUse(server.pid)?.residentBytes ?? 0;
    const leave = await hold(server, sessions);
    const heldBytes = processUse(server.pid)?.residentBytes ?? 0;
    leave();
    return { title, sessions, beforeBytes, heldBytes };
  } finally {
    await server.kill();
  }
}

async function holdDesktops(server: RunningServer, sessions: number): Promise<() => void> {
  const working = agents(Math.ceil(sessions / SESSIONS_PER_AGENT));
  const lines: RawConnection[] = [];
  await manyAtOnce(sessions, async n => {
    const line = await RawConnection.open(server);
    lines.push(line);
    const agent = working[n % working.length]!;
    const client = new BayeuxClient(line, { authorization: authorizationOf(agent), acks: false });
    const { successful } = await client.handshake();
    if (successful !== true) throw new Error(`the handshake of ${agent.login} was refused`);
    await client.subscribe(CHANNELS);
    await client.connect(0);
    // Held until the end.
    client.connect().catch(() => {});
  });
  return () => {
    for (const each of lines) each.close();
  };
}

async function holdStreams(server: RunningServer, sessions: number): Promise<() => void> {
  const sockets: Socket[] = [];
  const request = `GET /v1/events HTTP/1.1\r\nhost: ${server.host}\r\nauthorization: Bearer ${server.token}\r\n\r\n`;
  await manyAtOnce(sessions, async () => {
    const socket = connect(server.port, server.host);
    socket.on('error', () => {});
    sockets.push(socket);
    socket.write(request);
    await new Promise(resolve => socket.once('data', resolve));
  });
  return () => {
    for (const each of sockets) each.destroy();
  };
}

async function manyAtOnce(count: number, open: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await open(next++);
  };
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, worker));
}
