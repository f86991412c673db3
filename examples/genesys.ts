/**
 * An agent desktop that knows Genesys Web Services and nothing of Aftercall, with the stock CometD client: it logs in, asks
 * for a preview record, completes it without a `callResult`, and waits for the acknowledgement.
 */
import { EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import { CometD } from 'cometd';
import { adapt } from 'cometd-nodejs-client';
import { demand, runExample, say, waitForEnter } from './program.ts';

const HELP = `
node examples/genesys.ts <https://host> [options]

  --login <login>       the agent (desk); the password is in AGENT_PASSWORD
  --campaign <name>     (Campaign1)
  --application <id>    the campaign's applicationId (134)
  --legacy              use cometd 3, as desktops of the 8.5 years do
  --wait                wait for Enter between the record and its completion

The server's address may also be in AFTERCALL.
`;

const OPTIONS = {
  login: { type: 'string', default: 'desk' },
  campaign: { type: 'string', default: 'Campaign1' },
  application: { type: 'string', default: '134' },
  legacy: { type: 'boolean', default: false },
  wait: { type: 'boolean', default: false },
} as const;

/** What the server says within milliseconds, and what then does not come. */
const TOLD_WITHIN_MS = 10_000;

interface OutboundMessage {
  readonly notificationType: string;
  readonly errorMessage?: string;
  readonly record: {
    readonly recordHandle: number;
    readonly callingList: string;
    readonly userData: Readonly<Record<string, unknown>>;
  };
}

await runExample(HELP, OPTIONS, async ({ login, campaign, application, legacy, wait }, [address]) => {
  const server = demand(address ?? process.env['AFTERCALL'], 'The address of the server').replace(/\/+$/, '');
  const password = demand(process.env['AGENT_PASSWORD'], 'AGENT_PASSWORD');
  const headers = {
    Authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`,
    'Content-Type': 'application/json',
  };
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${server}/api/v2${path}`, { headers, ...sent });
    const answer = (await response.json()) as T & { statusCode: number; statusMessage?: string };
    if (answer.statusCode !== 0) throw new Error(`${path}: ${answer.statusMessage} (statusCode ${answer.statusCode})`);
    return answer;
  };

  const { user } = await ask<{ user: { devices: readonly { id: string; phoneNumber: string }[] } }>(
    '/me?subresources=devices',
  );
  const [device] = user.devices;
  if (device === undefined) throw new Error(`${login} has no device: give them one in the organisation file.`);
  await ask('/me', { operationName: 'StartContactCenterSession', channels: ['voice'] });
  say(`${login} is logged in, with telephone ${device.phoneNumber}.`);

  // Results of what is asked come here, under the name of the event. An error ends whoever waits for one.
  const told = new EventEmitter();
  const cometd = await connect(`${server}/api/v2/notifications`, headers, legacy);
  await subscribe(cometd, {
    '/v2/me/outbound': (message: OutboundMessage) => {
      const { notificationType, errorMessage } = message;
      if (notificationType === 'Error') told.emit('error', new Error(errorMessage));
      else told.emit(notificationType, message);
    },
    '/me/internal': ({ userData }: { userData: Readonly<Record<string, unknown>> }) => {
      told.emit(`internal ${userData['GSW_USER_EVENT']}`, userData);
    },
  });
  const common = { applicationId: Number(application), devicePath: `/devices/${device.id}` };
  const operate = async <T>(path: string, body: { operationName: string }, event: string): Promise<T> => {
    const late = AbortSignal.timeout(TOLD_WITHIN_MS);
    const telling = once(told, event, { signal: late }).catch((error: Error) => {
      throw late.aborted ? new Error(`${body.operationName}: nothing was told within ${TOLD_WITHIN_MS} ms`) : error;
    });
    const [[message]] = await Promise.all([telling, ask(path, { ...common, ...body })]);
    return message as T;
  };

  try {
    const preview = `/me/outbound-campaigns/${encodeURIComponent(campaign)}`;
    await operate(preview, { operationName: 'StartPreviewSession' }, 'PreviewSessionStarted');
    const { record } = await operate<OutboundMessage>(preview, { operationName: 'GetPreviewRecord' }, 'PreviewRecord');
    const { recordHandle, callingList, userData } = record;
    say(`Record ${recordHandle} of ${callingList}: call ${userData['GSW_PHONE']}.`);

    if (wait) await waitForEnter('Press Enter when the call is over.');

    const completion = { operationName: 'CompleteRecord', campaignName: campaign, callingList };
    const processed = await operate<Readonly<Record<string, unknown>>>(
      `/me/outbound-records/${recordHandle}`,
      completion,
      'internal RecordProcessedAcknowledge',
    );
    say(`Completed without a callResult; acknowledged with GSW_CALL_RESULT ${processed['GSW_CALL_RESULT']}.`);
    await operate(preview, { operationName: 'EndPreviewSession' }, 'PreviewSessionEnded');
  } finally {
    await new Promise<unknown>(resolve => cometd.disconnect(resolve));
  }
  await ask('/me', { operationName: 'EndContactCenterSession' });
});

async function connect(url: string, requestHeaders: object, legacy: boolean): Promise<CometD> {
  adapt();
  const require = createRequire(import.meta.url);
  const cometd = legacy ? new (require('cometd3') as { CometD: typeof CometD }).CometD() : new CometD();
  // Genesys offers long-polling only; the client would try the other one first.
  cometd.unregisterTransport('websocket');
  cometd.configure({ url, requestHeaders, logLevel: 'warn' });
  const reply = await new Promise<{ successful?: boolean; error?: string }>(resolve => cometd.handshake(resolve));
  if (reply.successful !== true) throw new Error(`The handshake failed: ${reply.error ?? 'no answer'}`);
  return cometd;
}

type Listener = (data: never) => void;

/** All in one request, as desktops do. */
async function subscribe(cometd: CometD, listeners: Readonly<Record<string, Listener>>): Promise<void> {
  const answers: Promise<void>[] = [];
  cometd.batch(() => {
    for (const [channel, listener] of Object.entries(listeners)) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      answers.push(promise);
      cometd.subscribe(
        channel,
        message => listener(message.data as never),
        reply => (reply.successful === true ? resolve() : reject(new Error(`${channel}: ${reply.error}`))),
      );
    }
  });
  await Promise.all(answers);
}
