import { invalid } from './problem.ts';

export const IdParams = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } as const;

export function readId(text: string, field: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw invalid(field, 'must be a whole number from 1');
  return Number(text);
}
