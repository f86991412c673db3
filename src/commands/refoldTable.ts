/** What a run of `aftercall refold` changes, as people read it. */
import type { Call, QueueVisit } from '../calls/entities.ts';
import { type CallChange, changedFields } from '../calls/fold/refold.ts';
import { isSamePeople, isSameVisits } from '../calls/fold/storeParts.ts';
import type { Retold } from '../calls/refolding/foldAgain.ts';

/** Examples of each field; the others are counted. */
const EXAMPLES = 10;

/** Before and after. */
type Both = [before: number, after: number];

interface Field {
  count: number;
  readonly examples: string[];
}

interface Day {
  readonly calls: Map<string, Both>;
  readonly talkSeconds: Both;
}

/** As `/v1` names it, of a call's own columns. */
const COLUMNS: Readonly<Record<string, keyof Call>> = {
  source: 'sourceId',
  cost: 'costMicros',
  aliases: 'sourceCalls',
};
const INSTANTS = new Set(['startedAt', 'answeredAt', 'endedAt']);

/** Takes what came of some calls, and keeps counts and examples only. */
export class RefoldTable {
  private looked = 0;
  private changed = 0;
  private joined = 0;
  private split = 0;
  private readOtherwise = 0;
  private unreadable = 0;
  private readonly fields = new Map<string, Field>();
  private readonly days = new Map<number, Day>();

  get isEmpty(): boolean {
    return this.changed === 0 && this.readOtherwise === 0;
  }

  add({ unchanged, changes, readOtherwise, unreadable }: Omit<Retold, 'moved'>): void {
    this.readOtherwise += readOtherwise;
    this.unreadable += unreadable;
    this.looked += unchanged.length + changes.length;
    for (const each of unchanged) {
      this.count(each, 0);
      this.count(each, 1);
    }
    for (const each of changes) this.addChange(each);
  }

  /** A call that was added before changed once more. */
  addAgain(changes: readonly CallChange[]): void {
    for (const each of changes) {
      if (each.before !== null) this.count(each.before, 1, -1);
      if (each.after !== null) this.count(each.after, 1);
      this.addGrouping(each);
    }
  }

  private addChange(change: CallChange): void {
    const { before, after } = change;
    this.changed++;
    if (before !== null) this.count(before, 0);
    if (after !== null) this.count(after, 1);
    this.addGrouping(change);
    if (before === null || after === null) return;
    const names: string[] = changedFields(before, after);
    if (!isSamePeople(change.participants)) names.push('participants');
    if (!isSameVisits(change.visits)) names.push('queues');
    // Its row is the same, and what is told of one of its legs is not.
    for (const name of names.length === 0 ? ['legs'] : names) this.addField(name, change, before, after);
  }

  private addGrouping({ before, after }: CallChange): void {
    if (before === null) this.split++;
    if (after === null) this.joined++;
  }

  private addField(name: string, change: CallChange, before: Readonly<Call>, after: Readonly<Call>): void {
    const field = this.fields.get(name) ?? { count: 0, examples: [] };
    this.fields.set(name, field);
    if (++field.count > EXAMPLES) return;
    const [from, to] = partTexts(name, change) ?? [valueText(before, name), valueText(after, name)];
    field.examples.push(`call ${after.id}: ${from} → ${to}`);
  }

  /** As the statistics count it: calls that have ended, and the talk of answered ones. */
  private count({ day, outcome, endedAt, talkSeconds }: Readonly<Call>, side: 0 | 1, sign: 1 | -1 = 1): void {
    if (endedAt === null) return;
    const found = this.days.get(day) ?? { calls: new Map<string, Both>(), talkSeconds: [0, 0] };
    this.days.set(day, found);
    const calls = found.calls.get(outcome) ?? [0, 0];
    found.calls.set(outcome, calls);
    calls[side] += sign;
    if (outcome === 'answered') found.talkSeconds[side] += sign * (talkSeconds ?? 0);
  }

  lines(): readonly string[] {
    const unreadable =
      this.unreadable === 0 ? '' : `; ${counted(this.unreadable)} cannot be read any more and stay as they are`;
    const lines = [
      `${counted(this.looked)} calls looked at.`,
      `Reports read otherwise: ${counted(this.readOtherwise)}${unreadable}.`,
      `Calls changed: ${counted(this.changed)}.`,
    ];
    if (this.joined > 0) lines.push(`Calls that become part of another one: ${counted(this.joined)}.`);
    if (this.split > 0) lines.push(`Calls that become calls of their own: ${counted(this.split)}.`);
    return [...lines, ...this.fieldLines(), ...this.dayLines()];
  }

  private fieldLines(): string[] {
    const fields = [...this.fields].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
    return fields.flatMap(([name, { count, examples }]) => [
      `  ${name}: ${counted(count)}`,
      ...examples.map(each => `    ${each}`),
    ]);
  }

  private dayLines(): string[] {
    const days = [...this.days].sort(([a], [b]) => a - b);
    const lines = days.flatMap(([day, { calls, talkSeconds }]) => {
      const outcomes = [...calls].filter(([, both]) => differs(both)).sort(([a], [b]) => (a < b ? -1 : 1));
      const parts = outcomes.map(([outcome, [from, to]]) => `${outcome} ${counted(from)} → ${counted(to)}`);
      if (differs(talkSeconds)) parts.push(`talk ${counted(talkSeconds[0])} s → ${counted(talkSeconds[1])} s`);
      return parts.length === 0 ? [] : [`  ${dateText(day)}: ${parts.join(', ')}`];
    });
    return lines.length === 0 ? [] : ['Totals of these calls, by day:', ...lines];
  }
}

const differs = ([before, after]: Both): boolean => before !== after;
const DAY_MS = 86_400_000;
const dateText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
const counted = (count: number): string => count.toLocaleString('en');

const personText = ({
  userId,
  role,
  talkSeconds,
}: {
  readonly userId: number;
  readonly role: string;
  readonly talkSeconds: number | null;
}): string => `user ${userId} ${role}${talkSeconds === null ? '' : ` ${talkSeconds} s`}`;

const queueText = ({ queue, outcome, waitSeconds }: QueueVisit): string =>
  `${queue} ${outcome}${waitSeconds === null ? '' : ` ${waitSeconds} s`}`;

/** Of what is not in the call's own row. */
function partTexts(name: string, { participants, visits }: CallChange): readonly string[] | null {
  const sides = ['before', 'after'] as const;
  if (name === 'participants') return sides.map(side => participants[side].map(personText).join(', ') || 'nobody');
  if (name !== 'queues') return null;
  const inOrder = (rows: readonly Readonly<QueueVisit>[]) => rows.toSorted((a, b) => a.place - b.place);
  return sides.map(side => inOrder(visits[side]).map(queueText).join(', ') || 'none');
}

function valueText(of: Readonly<Call>, name: string): string {
  const value = of[(COLUMNS[name] ?? name) as keyof Call];
  if (name === 'legs') return of.legs.map(({ id, party, userId }) => `${id} ${party}${userId ?? ''}`).join(', ');
  if (value === null) return 'null';
  if (INSTANTS.has(name)) return new Date(value as number).toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
