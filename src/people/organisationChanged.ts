import type { State } from '../ledger/state.ts';

/** Of users, tokens, sources, webhooks, campaigns and settings. */
export interface OrganisationChanges {
  readonly created: number;
  readonly changed: number;
  readonly disabled: number;
  readonly enabled: number;
}

/** Tells those who follow the journal, however the organisation was changed. */
export function noteOrganisationChanged(
  state: Pick<State, 'journal'>,
  { created, changed, disabled, enabled }: OrganisationChanges,
): void {
  state.journal({ kind: 'organisation.changed', data: { created, changed, disabled, enabled } });
}
