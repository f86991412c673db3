/** The process that `LoadProcess` forks: orders in, one reply each. */
import { LatencyHistogram } from './latencyHistogram.ts';
import type { LoadOrder, LoadReply, LoadResult, LoadRun } from './loadProcess.ts';
import { createRandom } from './random.ts';
import { startLoad } from './rawClient.ts';
import { pushRequest, RequestSlab } from './requestSlab.ts';
import { type CallGenerator, createCalls } from './yeastarEvents.ts';

/** Answers on their way when the time is over are still waited for; a server that hangs must not hang the bench. */
const LAST_ANSWERS_WITHIN_MS = 10_000;

const reply = (message: LoadReply): void => void process.send!(message);

let calls: CallGenerator | null = null;
let slab = new RequestSlab();

function prepare(requests: number): void {
  if (calls === null) throw new Error('no calls to prepare');
  const unused = slab;
  slab = new RequestSlab();
  for (let request = unused.take(); request !== null; request = unused.take()) slab.add(request.toString('latin1'));
  while (slab.left < requests) for (const event of calls.next().events) slab.add(pushRequest(event));
}

async function run({ host, port, connections, warmUpSeconds, seconds }: LoadRun): Promise<LoadResult> {
  const histogram = new LatencyHistogram();
  const statuses = new Uint32Array(1000);
  let brokenConnections = 0;
  let startedAt = performance.now();
  let lastAnswerAt = startedAt;
  let cpuBefore = process.cpuUsage();
  const count = (): void => {
    histogram.clear();
    statuses.fill(0);
    startedAt = performance.now();
    cpuBefore = process.cpuUsage();
    reply({ reply: 'counting' });
  };
  const load = startLoad({
    host,
    port,
    connections,
    next: () => slab.take(),
    answered: (_, status, latencyMs) => {
      histogram.record(latencyMs * 1000);
      statuses[status]!++;
      lastAnswerAt = performance.now();
    },
    closed: (_, inFlight) => {
      if (inFlight) brokenConnections++;
    },
  });
  if (warmUpSeconds === 0) count();
  const timers = [
    ...(warmUpSeconds > 0 ? [setTimeout(count, warmUpSeconds * 1000)] : []),
    setTimeout(load.stop, (warmUpSeconds + seconds) * 1000),
    setTimeout(load.abort, (warmUpSeconds + seconds) * 1000 + LAST_ANSWERS_WITHIN_MS),
  ];
  await load.ended;
  for (const timer of timers) clearTimeout(timer);
  const latency = histogram.summary();
  const elapsed = (lastAnswerAt - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    seconds: elapsed,
    requests: latency.count,
    requestsPerSecond: latency.count / elapsed,
    statuses: Object.fromEntries([...statuses.entries()].filter(([, answers]) => answers > 0)),
    brokenConnections,
    latency,
    clientCpuUsPerRequest: (cpu.user + cpu.system) / latency.count,
    ranOut: slab.left === 0,
  };
}

async function obey(order: LoadOrder): Promise<LoadReply | null> {
  switch (order.order) {
    case 'calls':
      calls = createCalls(createRandom(order.seed), order.settings);
      return { reply: 'ready' };
    case 'prepare':
      prepare(order.requests);
      return { reply: 'ready' };
    case 'run':
      return { reply: 'result', result: await run(order.run) };
    case 'end':
      return null;
  }
}

process.on('message', (order: LoadOrder) => {
  obey(order).then(
    answer => {
      if (answer === null) process.disconnect!();
      else reply(answer);
    },
    (error: unknown) => reply({ reply: 'failed', message: String(error) }),
  );
});
