import { type CopyKey, type CopyRow, type CopySource, keyOfRow } from './copySides.ts';
import type { AnyEntity } from './entity.ts';

/** All rows by key, those after `after`; the next page is read while this one is being worked on. */
export async function* pagesAfter(
  side: Pick<CopySource, 'page'>,
  entity: AnyEntity,
  after: CopyKey | null,
  pageRows: number,
): AsyncGenerator<readonly CopyRow[], void> {
  const read = (from: CopyKey | null) => {
    const page = side.page(entity, from, pageRows);
    // A reader of it gets the error; there may be none.
    page.catch(() => {});
    return page;
  };
  for (let next = read(after); ; ) {
    const rows = await next;
    if (rows.length === 0) return;
    next = read(keyOfRow(entity, rows.at(-1)!));
    yield rows;
  }
}
