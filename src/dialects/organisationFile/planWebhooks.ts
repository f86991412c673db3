import type { Directory } from '../../ledger/directory.ts';
import { type Webhook, webhook } from '../../people/entities.ts';
import { tokenHash } from '../../people/tokenHash.ts';
import { source } from '../../sources/entities.ts';
import { BITRIX24_SOURCE_KEY, type Organisation } from './organisation.ts';
import { type Draft, stepTo } from './step.ts';

/** A webhook is its code: with another code it is another one, and the old one no longer opens anything. */
export function planWebhooks(file: Organisation, directory: Directory): readonly Draft[] {
  const known = new Map(directory.all(webhook).map(each => [each.codeHash, each]));
  const portal = (from: Pick<Directory, 'find'>) => from.find(source, 'byKey', BITRIX24_SOURCE_KEY)[0]?.id ?? 0;
  const named = file.bitrix24.webhooks.map(({ code, userId, name, scope }): Draft => {
    const codeHash = tokenHash(code);
    const before = known.get(codeHash) ?? null;
    known.delete(codeHash);
    const after: Webhook = {
      id: before?.id ?? 0,
      name,
      userId,
      codeHash,
      scope,
      sourceId: portal(directory),
      active: true,
    };
    const refer = (from: Pick<Directory, 'find'>) => ({ sourceId: portal(from) });
    const steps = stepTo(webhook, before, after, 'webhook').map(step => ({ ...step, refer }));
    return { what: `webhook ${name}`, steps, fields: [] };
  });
  const unnamed = [...known.values()]
    .sort((a, b) => a.id - b.id)
    .map(
      (row): Draft => ({
        what: `webhook ${row.name}`,
        steps: stepTo(webhook, row, { ...row, active: false }),
        fields: [],
      }),
    );
  return [...named, ...unnamed];
}
