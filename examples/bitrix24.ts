/**
 * A telephony app that knows Bitrix24 and nothing of Aftercall, with Bitrix24's own SDK: it registers a call, shows the
 * card, finishes, and looks the call up.
 */
import { B24Hook } from '@bitrix24/b24jssdk';
import { demand, runExample, say, waitForEnter } from './program.ts';

const HELP = `
node examples/bitrix24.ts <https://host/rest/{user}/{code}/> [options]

  --extension <number>  whose call it is (2005)
  --number <number>     whom they called (+493023125019)
  --seconds <n>         how long they talked; 0: nobody answered (42)
  --cost <amount>       what it cost, in EUR (0.024)
  --wait                wait for Enter between the card and the end

The webhook's address may also be in B24_WEBHOOK. The SDK wants https: see examples/certificate.ts.
`;

const OPTIONS = {
  extension: { type: 'string', default: '2005' },
  number: { type: 'string', default: '+493023125019' },
  seconds: { type: 'string', default: '42' },
  cost: { type: 'string', default: '0.024' },
  wait: { type: 'boolean', default: false },
} as const;

await runExample(HELP, OPTIONS, async ({ extension, number, seconds, cost, wait }, [webhook]) => {
  const portal = B24Hook.fromWebhookUrl(demand(webhook ?? process.env['B24_WEBHOOK'], 'The address of the webhook'));
  const ask = async <T>(method: string, params: Record<string, unknown>): Promise<T> => {
    try {
      const answer = await portal.actions.v2.call.make<T>({ method, params });
      return answer.getData()!.result;
    } catch (error) {
      throw new Error(`${method}: ${(error as Error).message}`);
    }
  };

  const call = await ask<{ CALL_ID: string; CRM_ENTITY_TYPE: string; CRM_ENTITY_ID: number }>(
    'telephony.externalCall.register',
    { USER_PHONE_INNER: extension, PHONE_NUMBER: number, TYPE: 1, CRM_CREATE: 1, SHOW: 0 },
  );
  const { CALL_ID } = call;
  say(`Registered: ${extension} calls ${number}, who is ${call.CRM_ENTITY_TYPE.toLowerCase()} ${call.CRM_ENTITY_ID}.`);
  say(`CALL_ID ${CALL_ID}`);

  const isShown = await ask<boolean>('telephony.externalCall.show', { CALL_ID });
  say(isShown ? 'The card is on the screen.' : 'There is no such call any more.');

  if (wait) await waitForEnter('Press Enter when they have hung up.');

  const finished = await ask<{ ID: number; CALL_DURATION: number; CALL_FAILED_CODE: string; COST: number }>(
    'telephony.externalCall.finish',
    {
      CALL_ID,
      USER_PHONE_INNER: extension,
      DURATION: Number(seconds),
      COST: Number(cost),
      COST_CURRENCY: 'EUR',
    },
  );
  const { CALL_DURATION, CALL_FAILED_CODE, COST } = finished;
  say(`Finished after ${CALL_DURATION} s, code ${CALL_FAILED_CODE}, cost ${COST} EUR: statistics row ${finished.ID}.`);

  const rows = await ask<readonly { ID: string; CALL_DURATION: string; COST: string; CALL_FAILED_CODE: string }[]>(
    'voximplant.statistic.get',
    { FILTER: { CALL_ID } },
  );
  for (const { ID, CALL_DURATION: duration, COST: costText, CALL_FAILED_CODE: code } of rows) {
    say(`voximplant.statistic.get: ID ${ID}, CALL_DURATION ${duration}, COST ${costText}, CALL_FAILED_CODE ${code}`);
  }
});
