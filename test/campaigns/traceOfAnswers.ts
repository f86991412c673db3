/**
 * Reads what `strace -f -yy -o` wrote about a server on SQLite, and holds every answer against the writes and syncs of
 * the write-ahead log before it. Line numbers are the clock: strace prints a call when it ends, and prints a call during
 * which another thread did something as a line where it began (`<unfinished ...>`) and one where it ended (`resumed`).
 */

/** One system call; `from` and `to` are line numbers. */
interface Syscall {
  readonly name: string;
  /** Everything between the brackets, both halves of a split call joined. */
  readonly text: string;
  readonly result: number;
  readonly from: number;
  readonly to: number;
}

export interface AnswerFault {
  readonly callId: string;
  readonly line: number;
  readonly what: 'not written' | 'not synced';
}

export interface TraceReport {
  /** Syncs of the log that made something durable, from the first request on. */
  readonly batches: number;
  readonly logWrites: number;
  readonly answers: number;
  /** Answers to requests whose own data were not synced before; each is a broken promise. */
  readonly faults: readonly AnswerFault[];
  /** Answers whose own data were safe and that left while a later batch was already being written. */
  readonly besideNextBatch: number;
}

const WHOLE = /^(\d+) +\S+ (\w+)\((.*)\) += (-?\d+)/s;
const BEGUN = /^(\d+) +\S+ (\w+)\((.*?) *<unfinished \.\.\.>$/s;
const RESUMED = /^(\d+) +\S+ <\.\.\. (\w+) resumed>(.*)\) += (-?\d+)/s;
const DESCRIPTOR = /^\d+<(.*?)>(?:,|$)/s;
const REQUEST = /"POST \/yeastar\//;
const ANSWER = /"HTTP\/1\.1 (\d{3})/;
const CALL_ID = /call_id[\\":]+(\d+\.\d+)/;
const READS = new Set(['read', 'recvfrom', 'recvmsg']);
const WRITES = new Set(['write', 'writev', 'sendto', 'sendmsg']);
const FILE_WRITES = new Set(['pwrite64', 'pwritev', 'write', 'writev']);
const SYNCS = new Set(['fdatasync', 'fsync']);

/**
 * `serverPort` tells the answers from what else goes over sockets. No two calls may begin in the same second, so that no call
 * id is the beginning of another.
 */
export function readTrace(lines: Iterable<string>, serverPort: number): TraceReport {
  const requested = new Map<string, { callId: string; readAt: number }>();
  const unwritten = new Set<string>();
  const firstWrite = new Map<string, Syscall>();
  const syncs: Syscall[] = [];
  const answers: { callId: string; readAt: number; at: number }[] = [];
  const writes: Syscall[] = [];
  const socket = new RegExp(`TCP:\\[[^\\]]*:${serverPort}->([^\\]]+)\\]`);

  for (const call of syscalls(lines)) {
    if (call.result < 0) continue;
    const descriptor = DESCRIPTOR.exec(call.text)?.[1] ?? '';
    if (descriptor.endsWith('-wal')) {
      if (SYNCS.has(call.name)) syncs.push(call);
      if (FILE_WRITES.has(call.name)) {
        writes.push(call);
        // Looked for by name: in a page the next column follows a call id without anything between.
        for (const callId of unwritten) {
          if (!call.text.includes(callId)) continue;
          unwritten.delete(callId);
          firstWrite.set(callId, call);
        }
      }
      continue;
    }
    const client = socket.exec(descriptor)?.[1];
    if (client === undefined) continue;
    if (READS.has(call.name) && REQUEST.test(call.text)) {
      const callId = CALL_ID.exec(call.text)?.[1];
      if (callId === undefined) continue;
      requested.set(client, { callId, readAt: call.to });
      unwritten.add(callId);
    } else if (WRITES.has(call.name) && ANSWER.exec(call.text)?.[1] === '200') {
      const request = requested.get(client);
      if (request !== undefined) answers.push({ ...request, at: call.from });
      requested.delete(client);
    }
  }

  // Calls come in the order in which they ended.
  writes.sort((a, b) => a.from - b.from);
  const faults: AnswerFault[] = [];
  let besideNextBatch = 0;
  for (const { callId, readAt, at } of answers) {
    const write = firstWrite.get(callId);
    if (write === undefined || write.to > at || write.to < readAt) {
      faults.push({ callId, line: at, what: 'not written' });
    } else if (!syncs.some(sync => sync.from > write.to && sync.to < at)) {
      faults.push({ callId, line: at, what: 'not synced' });
    } else {
      const newest = writes.findLast(each => each.from < at)!;
      if (!syncs.some(sync => sync.from > newest.to && sync.to < at)) besideNextBatch++;
    }
  }
  let batches = 0;
  let syncedUpTo = Math.min(...answers.map(({ readAt }) => readAt));
  for (const sync of syncs) {
    if (writes.some(write => write.from > syncedUpTo && write.to < sync.from)) batches++;
    syncedUpTo = sync.to;
  }
  const logWrites = writes.filter(({ from }) => from > (answers[0]?.readAt ?? 0)).length;
  return { batches, logWrites, answers: answers.length, faults, besideNextBatch };
}

function* syscalls(lines: Iterable<string>): Generator<Syscall> {
  const begun = new Map<string, { name: string; text: string; from: number }>();
  let line = 0;
  for (const text of lines) {
    line++;
    const start = BEGUN.exec(text);
    if (start !== null) {
      begun.set(start[1]!, { name: start[2]!, text: start[3]!, from: line });
      continue;
    }
    const end = RESUMED.exec(text);
    if (end !== null) {
      const first = begun.get(end[1]!);
      begun.delete(end[1]!);
      if (first?.name !== end[2]) continue;
      yield { name: first!.name, text: first!.text + end[3], result: Number(end[4]), from: first!.from, to: line };
      continue;
    }
    const whole = WHOLE.exec(text);
    if (whole !== null) yield { name: whole[2]!, text: whole[3]!, result: Number(whole[4]), from: line, to: line };
  }
}
