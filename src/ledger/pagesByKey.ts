import type { Entity } from './entity.ts';
import type { Condition, Reader } from './query.ts';

/** All rows that meet `where`, in the order of their key, which is one whole number, `size` rows at a time. */
export async function* pagesByKey<R extends object>(
  reader: Reader,
  from: Entity<R>,
  size: number,
  where: readonly Condition<keyof R & string>[] = [],
  columns?: readonly (keyof R & string)[],
): AsyncGenerator<readonly R[]> {
  const column = from.key[0] as keyof R & string;
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const page = await reader.select<R>({
      from,
      ...(columns && { columns }),
      where: [{ column, is: '>', value: after }, ...where],
      orderBy: [{ column }],
      limit: size,
    });
    if (page.length > 0) yield page;
    if (page.length < size) return;
    after = page.at(-1)![column] as number;
  }
}
