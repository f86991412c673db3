import type { RunningServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import type { CallView } from '../kit/v1Views.ts';
import { statedCall } from '../native/house.ts';

/** What people say of calls: corrections, one taken back, calls joined and split, and one loaded from elsewhere. */
export async function tellMore(server: RunningServer): Promise<void> {
  const v1 = createV1Client(server);
  const report = (externalId: string, more: object = {}) =>
    v1.post<CallView>('/v1/calls', statedCall({ externalId, ...more }), 201);
  const [first, second, third] = [await report('one'), await report('two'), await report('three')];
  await v1.post(`/v1/calls/${first.id}/corrections`, { reason: 'asked', fields: { note: 'called back' } }, 201);
  await v1.post(`/v1/calls/${first.id}/corrections`, { fields: { outcome: 'missed', talkSeconds: 0 } }, 201);
  await v1.ask('DELETE', `/v1/calls/${first.id}/corrections/2`);
  await v1.post(`/v1/calls/${first.id}/join`, { with: second.id }, 200);
  await v1.post(`/v1/calls/${first.id}/join`, { with: third.id }, 200);
  await v1.post(`/v1/calls/${first.id}/split`, { calls: [third.id], reason: 'two callers' }, 200);
  await v1.settled(first.id);
  await report('of last year', { historical: true });
}
