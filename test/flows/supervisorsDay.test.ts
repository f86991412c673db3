/**
 * A day at the office: the calls of all flows one after another, and what a supervisor reads of it in the evening. The sums are
 * computed from the truths of the calls; those that matter most also stand here in figures, counted by hand.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { afterHours, forwardToMobile, voicemail } from './awayFlows.ts';
import { conference } from './conferenceFlows.ts';
import { figuresOfTrueDay } from './dayFigures.ts';
import type { FlowCall } from './flow.ts';
import { paging, parking, ringGroup } from './groupFlows.ts';
import { openOffice, PLANS } from './office.ts';
import { internalCalls, missedCalls, outboundCalls } from './plainFlows.ts';
import { menuAndRingAllQueue, overflow, queueCallBack } from './queueFlows.ts';
import { attendedTransfer, blindTransfer } from './transferFlows.ts';

const FLOWS = [
  menuAndRingAllQueue,
  blindTransfer,
  attendedTransfer,
  outboundCalls,
  internalCalls,
  missedCalls,
  ringGroup,
  forwardToMobile,
  voicemail,
  queueCallBack,
  paging,
  conference,
  parking,
  overflow,
  afterHours,
];

/** From eight in the morning, every quarter of an hour or so. */
const CALLS: readonly FlowCall[] = FLOWS.flatMap(({ name, calls }) =>
  calls.map(call => ({ ...call, name: `${name}: ${call.name}` })),
).map((call, place) => ({ ...call, at: atPlace(place) }));

const DATES = { planned: '2026-03-02', bare: '2026-03-03' } as const;

const office = await openOffice();

describe('a supervisor’s day', { concurrency: 2 }, () => {
  for (const plan of PLANS) {
    test(`${plan === 'bare' ? 'nothing configured' : 'a full number plan'} - every figure is the truth`, async () => {
      const differs = await office.judge(CALLS, plan, DATES[plan]);
      assert.equal(differs.length, 0, `\n${differs.join('\n')}`);
    });
  }

  test('the truth - is what was counted by hand', () => {
    const truth = figuresOfTrueDay(CALLS.map(({ name, truth }) => ({ name, truth, startedAt: 0 })));
    const counted = {
      'totals by user':
        'calls 42, short 2, answered 18, missed 4, abandoned 3, unanswered 8, busy 1, voicemail 3, ivrOnly 4, failed 1, talkSeconds 5772, ringSeconds 454',
      'by direction inbound':
        'calls 29, short 2, answered 15, missed 4, abandoned 3, voicemail 3, ivrOnly 4, talkSeconds 5482, ringSeconds 341',
      'by queue 6400': 'calls 9, short 1, answered 2, abandoned 3, overflowed 4, talkSeconds 124, ringSeconds 161',
      'by queue 6401, as queues are asked for':
        'calls 2, answered 1, abandoned 1, talkSeconds 40, ringSeconds 12, offered 2, answeredWithin 1, waitSeconds 22',
      'by user fred': 'calls 5, answered 3, missed 1, abandoned 1, rangOnly 2, talkSeconds 184, ringSeconds 131',
      'by user bert': 'calls 8, answered 6, unanswered 2, rangOnly 2, talkSeconds 1226, ringSeconds 78',
    };
    for (const [name, figure] of Object.entries(counted)) assert.equal(truth.get(name), figure, name);
  });
});

function atPlace(place: number): string {
  const minutes = 8 * 60 + place * 17;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:05`;
}
