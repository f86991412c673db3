import type { State } from '../../ledger/state.ts';
import { type Report, report } from '../entities.ts';

export type Kept = Pick<Report, 'sourceId' | 'sourceCallId' | 'key' | 'kind' | 'fact' | 'contentType' | 'raw'>;

/** Stores what a person or a desktop says now; answers with the report's id. */
export function keepReport(state: State, kept: Kept): number {
  const id = state.next('report');
  state.insert(report, { id, ...kept, receivedAt: state.now, deliveries: 1, warnings: null, historical: false });
  return id;
}
