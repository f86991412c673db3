/** The process in which `jsSdk.test.ts` runs the vendor's SDK: orders in, one reply each. */
import { B24Hook, SdkError } from '@bitrix24/b24jssdk';

export interface SdkOrder {
  /** `call`: one request. `callList` and `fetchList`: as many as it takes, the rows in pages. */
  readonly order: 'call' | 'callList' | 'fetchList';
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export type SdkReply =
  | { readonly reply: 'answer'; readonly data: unknown; readonly total: number; readonly isMore: boolean }
  | { readonly reply: 'pages'; readonly pages: readonly (readonly unknown[])[] }
  | { readonly reply: 'refusal'; readonly code: string; readonly status: number; readonly message: string };

/** What the SDK throttles itself to is the vendor's cloud; a test need not wait for it. */
const WITHOUT_PAUSES = { rateLimit: { burstLimit: 10_000, drainRate: 10_000, adaptiveEnabled: false } };

const hook = B24Hook.fromWebhookUrl(process.argv[2]!, { restrictionParams: WITHOUT_PAUSES });
hook.offClientSideWarning();

async function carryOut({ order, method, params }: SdkOrder): Promise<SdkReply> {
  const { call, callList, fetchList } = hook.actions.v2;
  if (order === 'call') {
    const result = await call.make({ method, params });
    return { reply: 'answer', data: result.getData(), total: result.getTotal(), isMore: result.isMore() };
  }
  if (order === 'callList') {
    const result = await callList.make<unknown>({ method, params });
    if (!result.isSuccess) throw new Error(result.getErrorMessages().join('; '));
    return { reply: 'pages', pages: [result.getData()!] };
  }
  return { reply: 'pages', pages: await Array.fromAsync(fetchList.make<unknown>({ method, params })) };
}

process.on('message', (order: SdkOrder) => {
  carryOut(order).then(
    reply => process.send!(reply),
    (error: unknown) => {
      if (!(error instanceof SdkError)) throw error;
      const { code, status, message } = error;
      process.send!({ reply: 'refusal', code, status, message } satisfies SdkReply);
    },
  );
});
