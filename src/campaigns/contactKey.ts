import { numberKey, WITHHELD_KEY } from '../values/numberKey.ts';
import { isTelephone } from './phoneType.ts';

/** Campaigns list numbers as they are written in their country, complete and without a prefix for an outside line. */
export function contactKey(contactInfo: string, contactInfoType: number, country: string): string | null {
  if (!isTelephone(contactInfoType)) return null;
  const key = numberKey(contactInfo, { country, areaCode: null, outsidePrefix: null });
  return key === WITHHELD_KEY ? null : key;
}
