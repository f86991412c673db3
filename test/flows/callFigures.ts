/** The figures of one call: what the truth says of it, and what `GET /v1/calls/{id}` does. */
import type { CallDetail } from '../kit/v1Views.ts';
import type { Figures } from './figures.ts';
import { type Part, staysOf, type Truth } from './flow.ts';
import { PEOPLE, type Person } from './people.ts';

export interface ParticipantView {
  readonly userId: number;
  readonly role: Part['role'];
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
}

export type ReadCall = CallDetail & {
  readonly short: boolean;
  readonly participants: readonly ParticipantView[];
};

export const nameOf = (id: number | null): string => PEOPLE.find(each => each.id === id)?.login ?? String(id);
const nameOfPerson = (person: Person | null): string => nameOf(person?.id ?? null);

const partFigure = (role: string, ring: number | null, talk: number | null): string =>
  `${role}, ring ${ring ?? 0}, talk ${talk ?? 0}`;

export function figuresOfTruth(truth: Truth): Figures {
  const { direction, outcome, short = false, duration, ring, talk, wait, queue, user, parts, reached, warning } = truth;
  const { extension = user?.extension ?? null } = truth;
  const figures = new Map<string, string>([
    ['direction', direction],
    ['outcome', outcome],
    ['short', String(short)],
    ['duration', String(duration)],
    ['ring', String(ring)],
    ['talk', String(talk)],
    ['wait', String(wait)],
    ['queue', String(queue)],
    [
      'queues',
      staysOf(truth)
        .map(each => `${each.queue} ${each.ended} ${each.wait}`)
        .join(', '),
    ],
    ['took part', parts.map(each => each.who.login).join(', ')],
    ['reached', reached.map(each => each.join(' ')).join(', ')],
    ['warnings', String(warning !== undefined)],
  ]);
  if (user !== undefined) figures.set('user', nameOfPerson(user)).set('extension', String(extension));
  for (const each of parts) figures.set(`part of ${each.who.login}`, partFigure(each.role, each.ring, each.talk));
  return figures;
}

export function figuresOfCall(read: ReadCall, warning: RegExp | undefined): Figures {
  const warnings = read.reports.flatMap(each => each.warnings);
  const unexpected = warnings.filter(each => warning?.test(each) !== true);
  const participants = read.participants.toSorted((a, b) => a.userId - b.userId);
  const figures = new Map<string, string>([
    ['direction', read.direction],
    ['outcome', read.outcome],
    ['short', String(read.short)],
    ['duration', String(read.durationSeconds)],
    ['talk', String(read.talkSeconds)],
    ['wait', String(read.queueWaitSeconds)],
    ['queues', read.queues.map(each => `${each.queue} ${each.outcome} ${each.waitSeconds}`).join(', ')],
    ['took part', participants.map(each => nameOf(each.userId)).join(', ')],
    ['reached', read.legs.map(each => `${each.to ?? ''} ${each.party}`).join(', ')],
    ['warnings', unexpected.length > 0 ? unexpected.join('; ') : String(warnings.length > 0)],
    ['ring', String(read.ringSeconds)],
    ['queue', String(read.queue)],
    ['user', nameOf(read.userId)],
    ['extension', String(read.extension)],
  ]);
  for (const { userId, role, ringSeconds, talkSeconds } of participants) {
    figures.set(`part of ${nameOf(userId)}`, partFigure(role, ringSeconds, talkSeconds));
  }
  return figures;
}
