import { bitrix24 } from '../dialects/bitrix24/dialect.ts';
import type { Dialect, Reread } from '../dialects/dialect.ts';
import { genesys } from '../dialects/genesys/dialect.ts';
import { native } from '../dialects/native/dialect.ts';
import { yeastar } from '../dialects/yeastar/dialect.ts';

/** Everything that is spoken at the doors. */
export const DIALECTS: readonly Dialect[] = [yeastar, native, bitrix24, genesys];

/** With the dialect that the source speaks. */
export const reread: Reread = (from, raw, contentType) =>
  DIALECTS.find(each => each.kind === from.kind)?.reread?.(from, raw, contentType) ??
  'reports of this kind of source are not read again';
