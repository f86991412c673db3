/** What a Yeastar P-Series PBX does when a call has ended: it pushes event 30012, signed with the webhook's secret. */
import { createHmac } from 'node:crypto';
import { demand, runExample, say } from './program.ts';

const HELP = `
node examples/yeastar.ts <https://host/yeastar/{source}> [options]

  --type <type>       Inbound, Outbound or Internal (Inbound)
  --from <number>     who called (03023125010)
  --to <number>       who was called (2005)
  --started <time>    2026-03-02T09:00:00Z or the like (so that it ends now)
  --duration <n>      seconds from the first ring to the end (42)
  --talk <n>          seconds of talk (30)
  --status <status>   ANSWERED, NO ANSWER, BUSY, VOICEMAIL, FAILED, ABANDONED (ANSWERED)
  --sn <serial>       the PBX's serial number (3631A2124XXX)
  --zone <zone>       the zone its clock shows (Europe/Berlin)

The secret of the webhook is in HQ_SECRET.
`;

const OPTIONS = {
  type: { type: 'string', default: 'Inbound' },
  from: { type: 'string', default: '03023125010' },
  to: { type: 'string', default: '2005' },
  started: { type: 'string' },
  duration: { type: 'string', default: '42' },
  talk: { type: 'string', default: '30' },
  status: { type: 'string', default: 'ANSWERED' },
  sn: { type: 'string', default: '3631A2124XXX' },
  zone: { type: 'string', default: 'Europe/Berlin' },
} as const;

await runExample(HELP, OPTIONS, async ({ type, from, to, started, duration, talk, status, sn, zone }, [address]) => {
  const webhook = demand(address, 'The address of the webhook');
  const secret = demand(process.env['HQ_SECRET'], 'HQ_SECRET');
  const endingNow = Date.now() - Number(duration) * 1000;
  const startSeconds = Math.floor((started === undefined ? endingNow : Date.parse(started)) / 1000);
  if (Number.isNaN(startSeconds)) throw new Error('--started must be an instant, as in 2026-03-02T09:00:00Z.');
  const message = {
    call_id: `${startSeconds}.${process.pid}`,
    time_start: localTime(startSeconds, zone),
    call_from: from,
    call_to: to,
    call_duration: Number(duration),
    talk_duration: Number(talk),
    src_trunk_name: type === 'Inbound' ? 'main' : '',
    dst_trunk_name: type === 'Outbound' ? 'main' : '',
    pin_code: '',
    status,
    type,
    recording: '',
    did_number: '',
    agent_ring_time: 0,
  };
  // The message is text within the envelope, and the signature is over the bytes as they leave.
  const body = JSON.stringify({ sn, type: 30012, msg: JSON.stringify(message) });
  const signature = createHmac('sha256', secret).update(body).digest('base64');
  const response = await fetch(webhook, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Signature': signature },
    body,
  });
  const { errcode, errmsg, submsg } = (await response.json()) as { errcode: number; errmsg: string; submsg?: string };
  if (errcode !== 0) throw new Error(`${response.status} ${errmsg}${submsg === undefined ? '' : `: ${submsg}`}`);
  say(`${from} called ${to} at ${message.time_start}, ${status} after ${duration} s: ${errmsg}`);
});

/** `2026-03-02 10:00:00`, as the clock of the PBX shows it. */
function localTime(epochSeconds: number, zone: string): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(epochSeconds * 1000);
  return instant.toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: 'second' }).replace('T', ' ');
}
