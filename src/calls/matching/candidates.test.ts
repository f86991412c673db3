/** By what a leg can be found: the same party whoever wrote the number, and only where somebody held the extension. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { NO_NUMBERS, source, sourceEntities } from '../../sources/entities.ts';
import { type Candidate, callEntities } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';
import type { LegFact } from '../reports/report.ts';
import type { NumberList, Sources } from '../sources.ts';
import { legFact, legReport, PBX, SERIAL } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { keepCandidates } from './candidates.ts';

const FROM = { ...PBX, country: 'DE', areaCode: '30', outsidePrefix: '0' };
const context: CallsContext = {
  sources: testSources,
  holderOf: (_state, extension) => (extension === '2005' ? 5 : null),
  dayOf: () => 0,
  reactors: [],
  lateReactors: [],
};

async function found(fact: LegFact, from = FROM, sources: Sources = testSources): Promise<Candidate | null> {
  const on = await TestLedger.open(memoryStore([...sourceEntities, ...callEntities]), {
    given: { call: 10_000, report: 10_000 },
  });
  const after = await on.submit(state => {
    state.put(source, from);
    const of = { sourceCallId: 1, known: [] };
    return keepCandidates(state, of, 1, legReport('1.1', fact), from, { ...context, sources })[0]?.after ?? null;
  });
  await on.close();
  return after;
}

const inbound = (from: string | null) => legFact('2005', 0, 'answered', [20, 10], { from, direction: 'inbound' });
const outbound = (to: string) => legFact(to, 0, 'answered', [20, 10], { from: '2005', direction: 'outbound' });

describe('what a leg is found by', () => {
  test('a name - is that of its source call, and not kept a second time', async () => {
    const row = await found(inbound('03023125111'));
    assert.deepEqual([row?.name, row?.tie], [null, `${SERIAL}|1.1 ${legReport('1.1', inbound('03023125111')).key}`]);
  });

  test('a caller - has not dialled the outside prefix', async () => {
    assert.equal((await found(inbound('00442079460123')))?.numberKey, '+442079460123');
    assert.equal((await found(inbound('03023125111')))?.numberKey, '+493023125111');
    assert.equal((await found(inbound('+493023125111')))?.numberKey, '+493023125111');
  });

  test('who was called - was dialled with it', async () => {
    assert.equal((await found(outbound('000442079460123')))?.numberKey, '+442079460123');
    assert.equal((await found(outbound('003023125111')))?.numberKey, '+493023125111');
    assert.equal((await found(outbound('023125111')))?.numberKey, '+493023125111');
  });

  test('a short number that left by a trunk - is one outside, whatever a plan says of it', async () => {
    const service = legFact('3639', 0, 'answered', [20, 10], { from: '2005', direction: 'outbound', trunkOut: 'SIP' });
    const plan = (numbers: NumberList['numbers']): Sources => ({
      ...testSources,
      listsOf: () => [{ by: 'defaultPlan', numbers }],
    });
    const unconfigured = { ...FROM, numbers: NO_NUMBERS };
    const row = await found(service, unconfigured, plan({ internal: ['[1-5]xxx'] }));
    assert.deepEqual([row?.userId, row?.direction], [5, 'outbound']);
  });

  test('a withheld caller - is one party', async () => {
    for (const from of [null, 'anonymous', ' ']) assert.equal((await found(inbound(from)))?.numberKey, 'withheld');
  });

  test('menus, queues, colleagues and extensions nobody holds - are nobody’s', async () => {
    assert.equal(await found(legFact('6200', 0, 'answered', [5, 5], { from: '03023125111' })), null);
    assert.equal(await found(legFact('6400', 0, 'answered', [5, 5], { from: '03023125111' })), null);
    assert.equal(await found(legFact('2006', 0, 'answered', [5, 5], { from: '2005', direction: 'internal' })), null);
    assert.equal(await found(legFact('2007', 0, 'answered', [5, 5], { from: '03023125111' })), null);
  });
});
