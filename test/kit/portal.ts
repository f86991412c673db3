/** A portal for telephony applications: one webhook whose user sees every call, and employees with extensions. */
export interface Employee {
  readonly userId: number;
  readonly extension: string;
}

export const WEBHOOK = { userId: 1, code: 'campaign-hook-0123' } as const;

export const webhookPath = (method: string): string => `/rest/${WEBHOOK.userId}/${WEBHOOK.code}/${method}`;

/** Somebody at each of these extensions, with ids that follow one another. */
export const employed = (firstId: number, extensions: readonly number[]): readonly Employee[] =>
  extensions.map((extension, n) => ({ userId: firstId + n, extension: String(extension) }));

/** For the organisation file. */
export function portal(employees: readonly Employee[]) {
  return {
    users: [
      { id: WEBHOOK.userId, login: 'telephony', roles: ['supervisor'] },
      ...employees.map(({ userId, extension }) => ({ id: userId, login: `employee${userId}`, extension })),
    ],
    bitrix24: { webhooks: [{ user: WEBHOOK.userId, code: WEBHOOK.code }] },
  };
}
