import type { Directory } from '../../ledger/directory.ts';
import { type Device, device, type Extension, extension } from '../../people/entities.ts';
import { Fault } from './errors.ts';

/** What desktops put before a device's id in `devicePath` (docs/genesys.md, section 5.5). */
const PATH_PREFIX = '/devices/';

const isHeld = ({ from, until }: Device | Extension, now: number): boolean => from <= now && now < until;

/** Ids of the devices a user holds at an instant (UTC milliseconds), in order. */
export function devicesOf(directory: Directory, userId: number, now: number): string[] {
  const held = directory.find(device, 'byUser', userId).filter(each => isHeld(each, now));
  return held.map(each => each.id).sort();
}

/** The number of the user's telephone; empty when there is none. */
export function phoneNumberOf(directory: Directory, userId: number, now: number): string {
  const held = directory.find(extension, 'byUser', userId).filter(each => isHeld(each, now));
  return held.map(each => each.number).sort()[0] ?? '';
}

/** The id of a device as it is kept; throws a `Fault` when the user does not hold it (docs/genesys.md, case O8). */
export function ownDevice(directory: Directory, userId: number, id: string, now: number): string {
  const kept = id.toLowerCase();
  const found = directory.find(device, 'byId', kept).find(each => isHeld(each, now));
  if (found?.userId === userId) return kept;
  throw new Fault('notFound', 'There is no such device of this agent');
}

/** The id in a `devicePath`, as it is written there: the answer repeats it so. */
export function deviceIdIn(devicePath: string): string {
  if (devicePath.startsWith(PATH_PREFIX)) return devicePath.slice(PATH_PREFIX.length);
  throw new Fault('notFound', 'devicePath: must be the path of a device of this agent, as in /devices/{id}');
}
