/** Compares the portal's list with what the calls and their recordings would write into it now. */
import { type Call, type Participation, participation, sourceCall } from '../calls/entities.ts';
import { sourceCallsOf } from '../calls/reports/sourceCalls.ts';
import type { Directory } from '../ledger/directory.ts';
import type { Entity, KeyValue } from '../ledger/entity.ts';
import type { ReadablePart } from '../ledger/readablePart.ts';
import { selectWithin } from '../ledger/selectWithin.ts';
import { type PortalCall, portalCall } from '../portal/entities.ts';
import type { ListState } from '../portal/onCall.ts';
import { type Recording, recording } from '../recordings/entities.ts';
import { source } from '../sources/entities.ts';
import { keepList } from './reactors.ts';

/** `lost`: nothing that is there tells what an application stated. `line`: the call tells the line. */
export interface UnlikeLine {
  readonly of: 'lost' | 'line';
  readonly sentence: string;
}

/** Where the list is kept: one for each of these calls whose lines are not what they say, or are not there. */
export async function unlikeLinesAmong(
  reader: ReadablePart,
  residents: Directory,
  calls: readonly Call[],
): Promise<readonly UnlikeLine[]> {
  const callIds = calls.map(each => each.id);
  const sourceCallIds = calls.flatMap(sourceCallsOf);
  const [lines, recordings, people, members] = await Promise.all([
    selectWithin<PortalCall, 'id'>(reader, portalCall, 'id', sourceCallIds),
    selectWithin<Recording, 'sourceCallId'>(reader, recording, 'sourceCallId', sourceCallIds),
    selectWithin<Participation, 'callId'>(reader, participation, 'callId', callIds),
    selectWithin(reader, sourceCall, 'id', sourceCallIds, ['id', 'sourceId']),
  ]);
  const stored = new StoredLines(residents, lines, recordings);
  const participants = Map.groupBy(people, each => each.callId);
  const registered = new Set(
    members.filter(each => residents.get(source, each.sourceId)?.kind === 'bitrix24').map(each => each.id),
  );
  const unread = unreadIn(reader);
  return calls.flatMap((each): UnlikeLine[] => {
    const own = sourceCallsOf(each);
    if (own.some(id => unread.has(id))) return [];
    const lost = own.filter(id => registered.has(id) && !stored.has(id));
    if (lost.length > 0) {
      return lost.map(id => {
        const of = id === each.id ? `call ${id}` : `call ${each.id}, its source call ${id},`;
        return { of: 'lost', sentence: `${of} has no line in the portal's list, and an application registered it` };
      });
    }
    keepList(stored, { before: null, after: each, participants: { after: participants.get(each.id) ?? [] } });
    return stored.takeChanges().map(change => ({ of: 'line', sentence: sentenceOf(each.id, change) }));
  });
}

/** Of what cannot be read the rows were named; the rest would tell another line. */
function unreadIn(reader: ReadablePart): ReadonlySet<number | undefined> {
  return new Set([
    ...reader.unreadable(portalCall).map(each => each.id),
    ...reader.unreadable(recording).map(each => each.sourceCallId),
    ...reader.unreadable(participation).map(each => each.callId),
  ]);
}

interface Change {
  readonly before: Readonly<PortalCall> | undefined;
  readonly after: Readonly<PortalCall> | null;
}

/** What tells of a person is named and not printed. */
function sentenceOf(callId: number, { before, after }: Change): string {
  if (before === undefined) return `call ${callId} has no line in the portal's list`;
  if (after === null) return `call ${callId} has a line in the portal's list that is not its`;
  const names = portalCall.columnNames as readonly (keyof PortalCall)[];
  const differing = names.flatMap(name => {
    const [is, told] = [before[name], after[name]];
    if (is === told) return [];
    const isPersonal = portalCall.columns[name]!.personal !== null;
    return [isPersonal ? `${name} differs` : `${name} is ${JSON.stringify(is)}, it says ${JSON.stringify(told)}`];
  });
  const line = before.id === callId ? 'its line' : `its line ${before.id}`;
  return `call ${callId} is unlike ${line} in the portal's list: ${differing.join('; ')}`;
}

/** Lines as they are stored, on which the portal's own room writes what it would change. */
class StoredLines implements ListState {
  private readonly residents: Directory;
  private readonly lines: ReadonlyMap<KeyValue, Readonly<PortalCall>>;
  private readonly recordings: ReadonlyMap<KeyValue, readonly Recording[]>;
  private changes: Change[] = [];

  constructor(residents: Directory, lines: readonly PortalCall[], recordings: readonly Recording[]) {
    this.residents = residents;
    this.lines = new Map(lines.map(each => [each.id, each]));
    this.recordings = Map.groupBy(recordings, each => each.sourceCallId);
  }

  has(id: number): boolean {
    return this.lines.has(id);
  }

  get<R extends object>(entity: Entity<R>, ...key: KeyValue[]): Readonly<R> | undefined {
    if (entity.name !== portalCall.name) return this.residents.get(entity, ...key);
    return this.lines.get(key[0]!) as Readonly<R> | undefined;
  }

  find<R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]): readonly Readonly<R>[] {
    if (entity.name !== recording.name) return this.residents.find(entity, index, ...values);
    return (this.recordings.get(values[0]!) ?? []) as readonly object[] as readonly Readonly<R>[];
  }

  all<R extends object>(entity: Entity<R>): readonly Readonly<R>[] {
    return this.residents.all(entity);
  }

  expect(): void {}

  put<R extends object>(_entity: Entity<R>, row: R): void {
    const after = row as object as PortalCall;
    this.changes.push({ before: this.lines.get(after.id), after });
  }

  delete<R extends object>(_entity: Entity<R>, ...key: KeyValue[]): void {
    this.changes.push({ before: this.lines.get(key[0]!), after: null });
  }

  takeChanges(): readonly Change[] {
    const { changes } = this;
    this.changes = [];
    return changes;
  }
}
