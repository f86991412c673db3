/** What a person has told us about one PBX; what its events do not carry. */
import type { Source } from '../../sources/entities.ts';

export interface YeastarSettings {
  readonly sourceId: number;
  /** The serial the events should carry as `sn`; null when nobody said. */
  readonly serial: string | null;
  /** IANA name of the zone the PBX's wall clock runs in. */
  readonly timeZone: string;
  /** Believe the zone that `call_id` implies where it contradicts `timeZone` (docs/yeastar.md, case C30). */
  readonly autoZone: boolean;
  /**
   * The PBX's display format for date and time, read where `time_start` is not `YYYY-MM-DD HH:mm:ss` (docs/yeastar.md, case
   * C27).
   */
  readonly displayFormat: string | null;
}

export interface YeastarSource extends YeastarSettings {
  /** Sealed with the key file; null when the PBX does not sign. */
  readonly secret: string | null;
  /** Whether reports without a signature are taken. */
  readonly unsigned: boolean;
}

const known = new WeakMap<object, YeastarSource>();

/** The settings of a source of this dialect; read once per row, since a changed source is another row. */
export function settingsOf(from: Readonly<Source>): YeastarSource {
  let read = known.get(from);
  if (read === undefined) {
    const { serial, secret, unsigned, autoZone, displayFormat } = from.settings;
    read = {
      sourceId: from.id,
      timeZone: from.timeZone,
      serial: typeof serial === 'string' ? serial : null,
      secret: typeof secret === 'string' ? secret : null,
      unsigned: unsigned === true,
      autoZone: autoZone === true,
      displayFormat: typeof displayFormat === 'string' ? displayFormat : null,
    };
    known.set(from, read);
  }
  return read;
}
