/** The process that `LoadProcess` forks: orders in, one reply each. */
import { runDesktops } from './desktopLoad.ts';
import { agents, completionRequest } from './diallingCampaign.ts';
import { finishRequest, madeUpToken, registerRequest, tokenIn } from './finishRequests.ts';
import { LoadCount, type LoadResult } from './loadCount.ts';
import type { LoadOrder, LoadReply, LoadRun, Prepared } from './loadProcess.ts';
import { createRandom } from './random.ts';
import { startLoad } from './rawClient.ts';
import { pushRequest, RequestSlab } from './requestSlab.ts';
import { type CallGenerator, createCalls } from './yeastarEvents.ts';

/** Answers on their way when the time is over are still waited for; a server that hangs must not hang the bench. */
const LAST_ANSWERS_WITHIN_MS = 10_000;

const reply = (message: LoadReply): void => void process.send!(message);

let calls: CallGenerator | null = null;
let slab = new RequestSlab();
let kind: Prepared['kind'] = 'events';
/** Calls whose registration was written out in this process so far. */
let registered = 0;
/** The call whose registration is the first in the slab. */
let firstRegistered = 0;
/** Calls that are not finished, in the order in which they were registered: the one that waits longest is finished next. */
let open: { readonly call: number; readonly token: string }[] = [];
let finished = 0;

function prepare(requests: number, what: Prepared): void {
  const unused = slab;
  slab = new RequestSlab();
  // A registration or an end that was not sent is not sent later: it is of a server that has gone.
  if (kind === what.kind && (kind === 'events' || kind === 'complete')) {
    for (let request = unused.take(); request !== null; request = unused.take()) slab.add(request.toString('latin1'));
  }
  kind = what.kind;
  if (kind === 'register') firstRegistered = registered;
  while (slab.left < requests) {
    const next = written(what);
    if (next.length === 0) return;
    for (const request of next) slab.add(request);
  }
}

/** Empty when there is nothing more to ask for. */
function written(what: Prepared): readonly string[] {
  switch (what.kind) {
    case 'events':
      if (calls === null) throw new Error('no calls to prepare');
      return calls.next().events.map(event => pushRequest(event));
    case 'register':
      return [registerRequest(registered++)];
    case 'finish': {
      if (what.madeUp) return [finishRequest(slab.left, madeUpToken(slab.left))];
      const next = open[finished++];
      return next === undefined ? [] : [finishRequest(next.call, next.token)];
    }
    case 'complete':
      return [completionRequest(agents(1)[0]!, slab.left, { reference: `agent1-${slab.left}` })];
  }
}

async function run({ servers, connections, warmUpSeconds, seconds }: LoadRun): Promise<LoadResult> {
  const count = new LoadCount();
  const begin = (): void => {
    count.begin();
    reply({ reply: 'counting' });
  };
  const collects = kind === 'register';
  if (collects) {
    open = [];
    finished = 0;
  }
  const inFlight: number[] = [];
  const loads = servers.map(({ host, port }, server) => {
    const placeOf = (connection: number): number => connection * servers.length + server;
    return startLoad({
      host,
      port,
      connections: Math.floor((connections + server) / servers.length),
      next: connection => {
        inFlight[placeOf(connection)] = slab.taken;
        return slab.take();
      },
      answered: (connection, status, latencyMs, answer) => {
        count.answered(status, latencyMs);
        const token = collects ? tokenIn(answer) : null;
        if (token !== null) open.push({ call: firstRegistered + inFlight[placeOf(connection)]!, token });
      },
      closed: (_, wasInFlight) => {
        if (wasInFlight) count.broken();
      },
    });
  });
  const stop = (): void => {
    for (const load of loads) load.stop();
  };
  const abort = (): void => {
    for (const load of loads) load.abort();
  };
  if (warmUpSeconds === 0) begin();
  const timers = [
    ...(warmUpSeconds > 0 ? [setTimeout(begin, warmUpSeconds * 1000)] : []),
    setTimeout(stop, (warmUpSeconds + seconds) * 1000),
    setTimeout(abort, (warmUpSeconds + seconds) * 1000 + LAST_ANSWERS_WITHIN_MS),
  ];
  await Promise.all(loads.map(load => load.ended));
  for (const timer of timers) clearTimeout(timer);
  return count.result(slab.left === 0);
}

async function obey(order: LoadOrder): Promise<LoadReply | null> {
  switch (order.order) {
    case 'calls':
      calls = createCalls(createRandom(order.seed), order.settings);
      return { reply: 'ready' };
    case 'prepare':
      prepare(order.requests, order.what);
      return { reply: 'ready' };
    case 'run':
      return { reply: 'result', result: await run(order.run) };
    case 'desktops':
      return { reply: 'desktops', result: await runDesktops(order.run, () => reply({ reply: 'counting' })) };
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
