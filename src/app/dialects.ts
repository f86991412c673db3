import { bitrix24 } from '../dialects/bitrix24/dialect.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { genesys } from '../dialects/genesys/dialect.ts';
import { native } from '../dialects/native/dialect.ts';
import { yeastar } from '../dialects/yeastar/dialect.ts';

/** Everything that is spoken at the doors. */
export const DIALECTS: readonly Dialect[] = [yeastar, native, bitrix24, genesys];
