/** What the server made of what was reported: for people to read, and whether it is what the demo promises. */

/** As `/v1` and `voximplant.statistic.get` answer, as much as is shown. */
export interface Picture {
  /** `GSW_CALL_RESULT` of the desktop's acknowledgement. */
  readonly acknowledged: string;
  readonly calls: readonly Call[];
  readonly records: readonly DiallingRecord[];
  readonly rows: readonly Readonly<Record<'ID' | 'CALL_DURATION' | 'COST' | 'CALL_FAILED_CODE', string>>[];
}

export interface Call {
  readonly id: number;
  readonly aliases: readonly number[];
  readonly direction: string;
  readonly from: string;
  readonly toE164: string;
  readonly outcome: string;
  readonly durationSeconds: number;
  readonly talkSeconds: number;
  readonly cost: string;
  readonly currency: string;
  readonly reports: readonly {
    readonly kind: string;
    readonly source: string;
    readonly receivedAt: string;
    readonly sourceCallId: number;
  }[];
  readonly records: readonly { readonly id: number }[];
}

export interface DiallingRecord {
  readonly id: number;
  readonly callingList: string;
  readonly contactInfo: string;
  readonly callResult: string;
  readonly callResultCode: number;
  readonly resultFrom: string;
  readonly callId: number;
}

const REPORTERS: Readonly<Record<string, string>> = { bitrix24: 'app', hq: 'PBX', genesys: 'desktop' };

export function paint({ calls, records, rows }: Picture): string {
  const found = {
    ...Object.fromEntries(calls.map(each => [`call ${each.id}`, lineOfCall(each)])),
    ...Object.fromEntries(records.map(each => [`record ${each.id}`, lineOfRecord(each)])),
    ...Object.fromEntries(
      rows.map(each => [
        `row ${each.ID}`,
        `in voximplant.statistic.get: CALL_DURATION ${each.CALL_DURATION}, COST ${each.COST}, CALL_FAILED_CODE ${each.CALL_FAILED_CODE}`,
      ]),
    ),
  };
  const told = calls.flatMap(rowsOfReports);
  return [
    ...table(['who', 'reported', 'at (UTC)', 'call'], told),
    '',
    ...Object.entries(found).map(([name, line]) => `${name.padEnd(9)}  ${line}`),
  ].join('\n');
}

/** What is not as promised; empty when everything is. */
export function brokenPromises({ acknowledged, calls, rows }: Picture): readonly string[] {
  return [
    ...(calls.length === 1 ? [] : [`there are ${calls.length} calls instead of one`]),
    ...(acknowledged === '33' ? [] : [`the desktop was acknowledged with ${acknowledged} instead of 33`]),
    ...(rows.length === 1 ? [] : [`there are ${rows.length} statistics rows instead of one`]),
  ];
}

const rowsOfReports = ({ id, reports }: Call): readonly (readonly string[])[] =>
  reports
    .toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1))
    .map(({ source, kind, receivedAt, sourceCallId }) => [
      REPORTERS[source] ?? source,
      kind,
      receivedAt.slice(11, 23),
      sourceCallId === id ? String(id) : `${sourceCallId}, found to be ${id}`,
    ]);

function lineOfCall(call: Call): string {
  const { aliases, direction, from, toE164, outcome, durationSeconds, talkSeconds, cost, currency } = call;
  const also = aliases.length === 0 ? '' : ` (also known as ${aliases.join(' and ')})`;
  return `${direction}, ${from} to ${toE164}, ${outcome}, ${durationSeconds} s, ${talkSeconds} s of talk, ${cost} ${currency}${also}`;
}

const lineOfRecord = (record: DiallingRecord): string =>
  `${record.contactInfo} of ${record.callingList}: ${record.callResult} (${record.callResultCode}), taken from ${record.resultFrom} ${record.callId}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map(row => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)];
}
