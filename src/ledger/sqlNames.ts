/** What entities, columns and indexes are called in SQL, in every engine that speaks it. */
import type { AnyEntity } from './entity.ts';

/** `callId` in code is `call_id` in SQL. */
export const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
export const table = (entity: AnyEntity): string => `"${snake(entity.name)}"`;
export const column = (name: string): string => `"${snake(name)}"`;
export const indexName = (entity: AnyEntity, index: { readonly name: string }): string =>
  `"${snake(entity.name)}_${snake(index.name)}"`;
