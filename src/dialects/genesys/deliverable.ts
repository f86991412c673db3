import type { Delivery } from '../../bayeux/bayeux.ts';
import type { AgentMessage } from './render.ts';

/** `rawJSON` writes digits as they are; the library's types do not have it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * The messages as they leave: with the time it took from the request to here, in milliseconds, and with a reference
 * whose digits a double would not keep written out.
 */
export function deliverable(messages: readonly AgentMessage[], elapsedMs: number): readonly Delivery[] {
  return messages.map(({ channel, data }) => {
    const { metrics, referenceId } = data as { metrics?: Metrics; referenceId?: unknown };
    if (metrics === undefined && !isDigits(referenceId)) return { channel, data };
    return {
      channel,
      data: {
        ...data,
        ...(metrics === undefined ? {} : { metrics: measured(metrics, elapsedMs) }),
        ...(isDigits(referenceId) ? { referenceId: rawJSON(referenceId.digits) } : {}),
      },
    };
  });
}

interface Metrics {
  readonly eventProcessing: Readonly<Record<string, number>>;
}

const measured = ({ eventProcessing }: Metrics, elapsedMs: number): Metrics => ({
  eventProcessing: {
    ...eventProcessing,
    nodeProcessingTimeNanos: Math.round(elapsedMs * 1_000_000),
    serverProcessingTimeTotalMs: Math.round(elapsedMs),
  },
});

const isDigits = (reference: unknown): reference is { readonly digits: string } =>
  typeof reference === 'object' && reference !== null;
