/** What a person has told us about one PBX; what its events do not carry. */
export interface YeastarSettings {
  readonly sourceId: number;
  /** The serial the events should carry as `sn`; null when nobody said. */
  readonly serial: string | null;
  /** IANA name of the zone the PBX's wall clock runs in. */
  readonly timeZone: string;
  /** Believe the zone that `call_id` implies where it contradicts `timeZone` (case C30). */
  readonly autoZone: boolean;
  /** The PBX's display format for date and time, read where `time_start` is not `YYYY-MM-DD HH:mm:ss` (case C27). */
  readonly displayFormat: string | null;
}
