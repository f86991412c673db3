/**
 * Everyday calls as a PBX tells them, judged against what really happened in every figure a supervisor reads: the call and its
 * participants, the lists, the statistics of the day, and what each of the people may list and open. The same with a full number
 * plan and with nothing configured.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { afterHours, forwardToMobile, voicemail } from './awayFlows.ts';
import { callingConference, conference } from './conferenceFlows.ts';
import { autumnNight, lastFirst, lateRepeats, twoPbxs } from './deliveryFlows.ts';
import { givenOnInVain } from './givenOnFlows.ts';
import { paging, parking, ringGroup } from './groupFlows.ts';
import { alwaysForwarded, handedOnTwice, outboundHandedOn, transferIntoQueue } from './handedOnFlows.ts';
import { answeredByOthersOutside, mobiles } from './mobileFlows.ts';
import { answeredTooLate, nobodyTalked } from './noTalkFlows.ts';
import { openOffice, PLANS } from './office.ts';
import { internalCalls, markedInbound, missedCalls, outboundCalls } from './plainFlows.ts';
import {
  menuAndRingAllQueue,
  musicBeforeAgent,
  overflow,
  queueCallBack,
  queueCallBackTwice,
  secondAgent,
} from './queueFlows.ts';
import { besidesTheQueue, severalQueues } from './severalQueueFlows.ts';
import { pickedUp, takenFromSlot } from './takingFlows.ts';
import { attendedTransfer, blindTransfer, givenUpOnHold, transferOutOfQueue } from './transferFlows.ts';
import { betweenPbxs, correctedBetweenPbxs, outByTrunk } from './trunkFlows.ts';
import { unnamedNumbers } from './unnamedFlows.ts';

const FLOWS = [
  menuAndRingAllQueue,
  blindTransfer,
  attendedTransfer,
  transferOutOfQueue,
  transferIntoQueue,
  outboundHandedOn,
  alwaysForwarded,
  ringGroup,
  forwardToMobile,
  voicemail,
  queueCallBack,
  paging,
  conference,
  parking,
  overflow,
  twoPbxs,
  afterHours,
  autumnNight,
  lateRepeats,
  lastFirst,
  outboundCalls,
  internalCalls,
  missedCalls,
  mobiles,
  unnamedNumbers,
  outByTrunk,
  betweenPbxs,
  handedOnTwice,
  givenOnInVain,
  takenFromSlot,
  pickedUp,
  secondAgent,
  queueCallBackTwice,
  callingConference,
  severalQueues,
  besidesTheQueue,
  answeredByOthersOutside,
  correctedBetweenPbxs,
  nobodyTalked,
  markedInbound,
  answeredTooLate,
  givenUpOnHold,
  musicBeforeAgent,
];

const AUTUMN = { planned: '2025-10-26', bare: '2024-10-27' } as const;
/** Each flow has a day of its own. */
const FIRST_DAY = Temporal.PlainDate.from('2026-01-12');

const office = await openOffice();

// Side by side, so that those that wait for a call to settle do not wait one after the other.
describe('flows', { concurrency: 4 }, () => {
  for (const [place, { name, calls, inAutumn = false }] of FLOWS.entries()) {
    for (const [half, plan] of PLANS.entries()) {
      const date = inAutumn ? AUTUMN[plan] : FIRST_DAY.add({ days: 2 * place + half }).toString();
      test(`${name}, ${plan === 'bare' ? 'nothing configured' : 'a full number plan'} - every figure is the truth`, async () => {
        const differs = await office.judge(calls, plan, date);
        assert.equal(differs.length, 0, `\n${differs.join('\n')}`);
      });
    }
  }
});
