import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_NUMBERS } from '../../sources/entities.ts';
import type { CallSource } from '../sources.ts';
import { CALLER, CALLER_E164, NATIVE, PBX, START } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { numberPlanOf } from './numberPlan.ts';

const nobody = () => null;
const said = (source: Readonly<CallSource>, number: string | null, holderOf: () => number | null = nobody) => {
  const { party, by } = numberPlanOf(source, testSources).meaningOf(number, START, holderOf);
  return [party, by];
};
const UNCONFIGURED = { ...PBX, numbers: NO_NUMBERS };

describe('what a number is', () => {
  test('whoever holds it - comes before everything that was configured', () => {
    const held = (extension: string | null, of: string | null, at: number) =>
      extension === '6400' && of === PBX.key && at === START ? 7 : null;
    const plan = numberPlanOf(PBX, testSources);
    assert.deepEqual(plan.meaningOf('6400', START, held), { party: 'extension', by: 'holder', userId: 7 });
    assert.deepEqual(plan.meaningOf('6400', START + 1, held), { party: 'queue', by: 'configured', userId: null });
    assert.deepEqual(plan.meaningOf('Anna<6400>', START, held).userId, 7, 'a name around the number is left aside');
  });

  test('each list of the source - says its class, and of two the first in the list of classes counts', () => {
    const numbers = {
      ivr: ['1x'],
      queue: ['2x'],
      ringGroup: ['3x'],
      conference: ['4x'],
      paging: ['5x'],
      parking: ['6x'],
      voicemail: ['7x', '*97'],
      internal: ['[1-9]x'],
    };
    const source = { ...PBX, numbers };
    const classes = ['10', '20', '30', '40', '50', '60', '70', '*97', '80'].map(each => said(source, each)[0]);
    assert.deepEqual(classes, [
      'ivr',
      'queue',
      'ringGroup',
      'conference',
      'paging',
      'parking',
      'voicemail',
      'voicemail',
      'extension',
    ]);
  });

  test('nothing configured - is read by the plan a PBX is delivered with', () => {
    const classes = ['1000', '5999', '6010', '6200', '6300', '6400', '6500', '6600', '*4', '*'];
    assert.deepEqual(
      classes.map(each => said(UNCONFIGURED, each)),
      [
        ['extension', 'defaultPlan'],
        ['extension', 'defaultPlan'],
        ['parking', 'defaultPlan'],
        ['ivr', 'defaultPlan'],
        ['ringGroup', 'defaultPlan'],
        ['queue', 'defaultPlan'],
        ['conference', 'defaultPlan'],
        ['paging', 'defaultPlan'],
        ['featureCode', 'defaultPlan'],
        ['featureCode', 'defaultPlan'],
      ],
    );
    assert.deepEqual(said({ ...NATIVE, numbers: NO_NUMBERS }, '6400'), ['unknown', null], 'the plan is a PBX’s');
  });

  test('what was configured - comes before the plan a PBX is delivered with, a roster between them', () => {
    const source = { ...UNCONFIGURED, numbers: { ...NO_NUMBERS, queue: ['1000'] } };
    assert.deepEqual(said(source, '1000'), ['queue', 'configured']);
    const [delivered] = testSources.listsOf(PBX);
    const lists = [{ by: 'roster', numbers: { ringGroup: ['1000', '1001'] } } as const, delivered!];
    const plan = numberPlanOf({ ...source }, { ...testSources, listsOf: () => lists });
    const by = (number: string) => Object.values(plan.meaningOf(number, START, nobody)).slice(0, 2);
    assert.deepEqual(['1000', '1001', '1002'].map(by), [
      ['queue', 'configured'],
      ['ringGroup', 'roster'],
      ['extension', 'defaultPlan'],
    ]);
  });

  test('a number nothing names - is external when it is whole or long, and else unknown', () => {
    assert.deepEqual(said(UNCONFIGURED, CALLER), ['external', null]);
    assert.deepEqual(said(UNCONFIGURED, CALLER_E164), ['external', null]);
    assert.deepEqual(said(UNCONFIGURED, '9999999'), ['external', null], 'no extension is so long');
    for (const short of ['7', '700', '7001', '70012', '700123', '#21', '#']) {
      assert.deepEqual(said(UNCONFIGURED, short), ['unknown', null], short);
    }
    assert.deepEqual(said(UNCONFIGURED, 'Satisfaction Survey'), ['service', null]);
    assert.deepEqual(said(UNCONFIGURED, null), ['service', null]);
  });

  test('another list of a roster - is another plan, though the source is the same', () => {
    const source = { ...UNCONFIGURED };
    const list = (ringGroup: string) => [{ by: 'roster', numbers: { ringGroup: [ringGroup] } } as const];
    const [one, other] = [list('7001'), list('7002')];
    const classOf = (lists: typeof one) =>
      numberPlanOf(source, { ...testSources, listsOf: () => lists }).meaningOf('7001', START, nobody).party;
    assert.deepEqual([classOf(one), classOf(other), classOf(one)], ['ringGroup', 'unknown', 'ringGroup']);
  });
});

describe('E.164', () => {
  test('what is inside - has none', () => {
    const plan = numberPlanOf(UNCONFIGURED, testSources);
    for (const inside of ['1000', '6400', '*4', 'Sales<6400>']) assert.equal(plan.e164(inside, true), null, inside);
  });

  test('a short number - gets no area code unless it is said what is internal', () => {
    const town = { ...UNCONFIGURED, areaCode: '02079' };
    assert.equal(numberPlanOf(town, testSources).e164('460123', false), null);
    const stated = { ...town, numbers: { ...NO_NUMBERS, internal: ['2xx'] } };
    assert.equal(numberPlanOf(stated, testSources).e164('460123', false), CALLER_E164);
  });

  test('a name around a number - is left aside', () => {
    assert.equal(numberPlanOf(PBX, testSources).e164(`A customer<${CALLER}>`, false), CALLER_E164);
  });
});
