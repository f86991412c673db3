/** Where programs come in as a user. */
import { putChanged } from '../ledger/putChanged.ts';
import type { State } from '../ledger/state.ts';
import { type Manager, managedByFile, mayManage } from '../values/managedBy.ts';
import { user, type Webhook, webhook } from './entities.ts';
import { PeopleRefusal } from './refusals.ts';
import type { WithheldCallers } from './rules.ts';

export interface NewWebhook {
  /** Null: whichever has this code, or a new one. */
  readonly id: number | null;
  readonly name: string;
  readonly userId: number;
  /** As `tokenHash` gives it; undefined: as before, of one that is active. */
  readonly codeHash: string | undefined;
  readonly scope: readonly string[];
  readonly withheld: WithheldCallers;
}

export interface WebhookChange {
  readonly webhooks?: readonly NewWebhook[];
  /** By id. */
  readonly gone?: readonly number[];
}

/** `sourceId`: the portal whose calls they tell of. Throws a `PeopleRefusal`. */
export function changeWebhooks(state: State, change: WebhookChange, sourceId: number, by: Manager): void {
  for (const each of change.webhooks ?? []) writeWebhook(state, each, sourceId, by);
  for (const id of change.gone ?? []) endWebhook(state, id, by);
}

export const anyWebhook = (state: Pick<State, 'all'>): boolean => state.all(webhook).some(each => each.active);

function writeWebhook(state: State, input: NewWebhook, sourceId: number, by: Manager): void {
  const { id, name, userId, codeHash: hash, scope, withheld } = input;
  const before = id === null ? withCode(state, hash!) : state.get(webhook, id);
  if (before !== undefined && !mayManage(by, before)) {
    throw new PeopleRefusal('managedByFile', managedByFile(`webhook ${before.id} (${before.name})`));
  }
  const owner = state.get(user, userId);
  if (owner === undefined) throw new PeopleRefusal('unknownUser', `there is no user ${userId}`);
  // The file may call a user inactive for a while, and its webhooks wait.
  if (!owner.active && by === 'api') throw new PeopleRefusal('inactiveUser', `user ${userId} is not active`);
  // What was revoked opens nothing again.
  const codeHash = hash ?? (before?.active === true ? before.codeHash : undefined);
  if (codeHash === undefined) throw new Error('a webhook that is new or not active needs a code');
  const other = state.find(webhook, 'byHash', codeHash).find(each => each.id !== before?.id && each.active);
  if (other !== undefined) throw new PeopleRefusal('taken', `the same code is there already, as webhook ${other.id}`);
  const after: Webhook = {
    id: before?.id ?? id ?? nextFree(state),
    name,
    userId,
    codeHash,
    scope,
    withheld,
    sourceId,
    active: true,
    managedBy: by,
  };
  putChanged(state, webhook, before, after);
}

function withCode(state: State, codeHash: string): Readonly<Webhook> | undefined {
  const known = state.find(webhook, 'byHash', codeHash);
  return known.find(each => each.active) ?? known[0];
}

/** People may give a webhook a number of their own choosing; counting goes on beyond it. */
function nextFree(state: State): number {
  for (;;) {
    const id = state.next('webhook');
    if (state.get(webhook, id) === undefined) return id;
  }
}

function endWebhook(state: State, id: number, by: Manager): void {
  const before = state.get(webhook, id);
  if (before === undefined) return;
  if (!mayManage(by, before)) {
    throw new PeopleRefusal('managedByFile', managedByFile(`webhook ${id} (${before.name})`));
  }
  putChanged(state, webhook, before, { ...before, active: false, managedBy: 'api' });
}
