import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listDigest } from './listFile.ts';
import { ListMistakes } from './listMistakes.ts';
import { type ListRow, rowsOf } from './listRows.ts';

const ZONE = 'America/New_York';
const bytes = (text: string) => new TextEncoder().encode(text);

async function read(text: string | Uint8Array): Promise<ListRow[]> {
  const rows: ListRow[] = [];
  for await (const portion of rowsOf(typeof text === 'string' ? bytes(text) : text, ZONE)) rows.push(...portion);
  return rows;
}

async function mistakes(text: string | Uint8Array): Promise<readonly string[]> {
  const error = await read(text).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ListMistakes, String(error));
  return error.problems;
}

describe('rowsOf', () => {
  test('every column - is read', async () => {
    const [row] = await read(
      [
        'record_id,contact_info,contact_info_type,record_type,record_status,call_result,attempt,dial_sched_time,call_time,' +
          'daily_from,daily_till,tz_dbid,time_zone,campaign_id,agent_id,chain_id,chain_n,Account No',
        '7,+12125550100,Mobile,5,1,NoAnswer,2,1772463600,1772460000,32400,61200,122,Europe/Berlin,9,anna,12,3, 0815 ',
      ].join('\n'),
    );
    assert.deepEqual(row, {
      identity: 'id:7',
      recordId: 7,
      chainId: 12,
      chainN: 3,
      contactInfo: '+12125550100',
      contactInfoType: 4,
      recordType: 5,
      recordStatus: 1,
      callResult: 7,
      attempt: 2,
      dialSchedTime: 1_772_463_600_000,
      callTime: 1_772_460_000_000,
      dailyFrom: 32_400,
      dailyTill: 61_200,
      timeZone: 'Europe/Berlin',
      agentId: 'anna',
      custom: { 'Account No': '0815' },
    });
  });

  test('a list of numbers alone - has defaults for the rest', async () => {
    assert.deepEqual(await read('contact_info\n+12125550100\n'), [
      {
        identity: 'no:+12125550100#1',
        recordId: null,
        chainId: null,
        chainN: 0,
        contactInfo: '+12125550100',
        contactInfoType: 0,
        recordType: 2,
        recordStatus: 1,
        callResult: 28,
        attempt: 0,
        dialSchedTime: null,
        callTime: null,
        dailyFrom: 0,
        dailyTill: 86_399,
        timeZone: ZONE,
        agentId: null,
        custom: {},
      },
    ]);
  });

  test('what spreadsheets write - is understood', async () => {
    const numbers = async (text: string) => (await read(text)).map(each => [each.contactInfo, each.custom['name']]);
    const expected = [
      ['+12125550100', 'A; "B"\nC, D'],
      ['+12125550101', 'Ü'],
    ];
    const lines = (sign: string) => [
      `contact_info${sign}name`,
      `+12125550100${sign}"A; ""B""\nC, D"`,
      '',
      `${sign}`,
      ` +12125550101 ${sign}Ü`,
    ];
    for (const sign of [',', ';']) {
      for (const end of ['\n', '\r\n', '\r']) {
        assert.deepEqual(await numbers(lines(sign).join(end)), expected);
        assert.deepEqual(await numbers(`\uFEFF${lines(sign).join(end)}${end}`), expected);
      }
    }
    assert.deepEqual(await numbers('"contact_info,x";CONTACT_INFO\n;+12125550102'), [['+12125550102', undefined]]);
  });

  test('K2, K3, K7 a number - without what stands around it; a plus that became a blank; an extension that is part of it', async () => {
    for (const [given, kept] of [
      ['020 7946 0101,', '02079460101'],
      ['"""Anna"" <tel:+44-20-7946-0102>",', '+442079460102'],
      [' 442079460103,', '+442079460103'],
      [' 020 7946 0104 ,', '02079460104'],
      ['020 7946 0105 ext 5,BusinessWithExt', '020 7946 0105 ext 5'],
      ['anonymous@x.example,EmailAddress', 'anonymous@x.example'],
    ] as const) {
      const [row] = await read(`contact_info,contact_info_type\n${given}`);
      assert.equal(row!.contactInfo, kept, given);
    }
  });

  test('text that is cut between two chunks - comes out whole', async () => {
    const rows = Array.from({ length: 9_000 }, (_, i) => `+1212555010${i % 10},${'é'.repeat(i % 50)}`);
    const back = await read(`contact_info,custom1\n${rows.join('\n')}`);
    assert.deepEqual(
      back.map(each => `${each.contactInfo},${each.custom['custom1']}`),
      rows,
    );
  });

  test('a number that comes again - is told by its turn, a record_id by itself', async () => {
    const rows = await read('record_id,contact_info\n,+12125550100\n5,+12125550100\n,+12125550100\n,+12125550101');
    assert.deepEqual(
      rows.map(each => each.identity),
      ['no:+12125550100#1', 'id:5', 'no:+12125550100#2', 'no:+12125550101#1'],
    );
  });

  test('a chain without chain_n - is in the order of the file', async () => {
    const rows = await read('contact_info,chain_id\n+12125550100,1\n+12125550101,2\n+12125550102,1\n+12125550103,');
    assert.deepEqual(
      rows.map(({ chainId, chainN }) => [chainId, chainN]),
      [
        [1, 0],
        [2, 0],
        [1, 1],
        [null, 0],
      ],
    );
  });

  test('times - are seconds, and 0 is none; a record in use elsewhere is Ready here', async () => {
    const [a, b] = await read(
      'contact_info,dial_sched_time,call_time,record_status\n+12125550100,0,1772463600123,2\n+12125550101,1,,4',
    );
    assert.deepEqual([a!.dialSchedTime, a!.callTime, a!.recordStatus], [null, 1_772_463_600_123, 1]);
    assert.deepEqual([b!.dialSchedTime, b!.callTime, b!.recordStatus], [1000, null, 4]);
  });

  test('columns that mean something to JavaScript - are custom like others', async () => {
    const [row] = await read('contact_info,__proto__,constructor\n+12125550100,a,b');
    assert.deepEqual(Object.entries(row!.custom), [
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});

describe('mistakes', () => {
  test('in rows - are told by line and column, all of them, without what stands there', async () => {
    const problems = await mistakes(
      [
        'record_id,contact_info,contact_info_type,record_type,record_status,call_result,attempt,daily_from,time_zone,chain_id',
        'x,,Telephone,8,11,Nonsense,-1,86400,Berlin,1000000000',
        '1,+12125550100,,,,,,,,',
        '1,+12125550101,,,,,,,,',
        '2,+12125550102',
        `3,${'1'.repeat(129)},,,,,,,,`,
      ].join('\n'),
    );
    assert.deepEqual(problems, [
      'line 2, record_id must be a whole number from 0 to 9007199254740991.',
      'line 2, contact_info must not be empty.',
      'line 2, contact_info_type must be a phone type: a name as in "Mobile", or a code from 0 to 11.',
      'line 2, record_type must be a whole number from 1 to 7.',
      'line 2, record_status must be a whole number from 1 to 10.',
      'line 2, call_result must be a call result: a name as in "NoAnswer", or a code from 0 to 53.',
      'line 2, attempt must be a whole number from 0 to 1000000.',
      'line 2, daily_from must be a whole number from 0 to 86399.',
      'line 2, time_zone must be the name of a time zone, as in "America/New_York".',
      'line 2, chain_id must be a whole number from 0 to 999999999.',
      'line 4, record_id stood in a line before.',
      'line 5 has 2 fields, and there are 10 columns.',
      'line 6, contact_info must be text of at most 128 characters, without control characters.',
    ]);
  });

  test('K7 a number that is withheld - cannot be called', async () => {
    assert.deepEqual(await mistakes('contact_info\nanonymous\n<unknown>'), [
      'line 2, contact_info must be a number that can be called.',
      'line 3, contact_info must be a number that can be called.',
    ]);
  });

  test('more than twenty - are counted', async () => {
    const error = await read(`contact_info,attempt\n${'+12125550100,x\n'.repeat(30)}`).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof ListMistakes);
    assert.deepEqual([error.problems.length, error.count], [20, 30]);
  });

  test('in the header - are told before any row is looked at', async () => {
    assert.deepEqual(await mistakes('phone,attempt,attempt,\n+12125550100,x,y,z'), [
      'line 1 names two columns "attempt".',
      'line 1 has no name for column 4.',
      'line 1 names no column contact_info.',
    ]);
    const wide = Array.from({ length: 201 }, (_, i) => `c${i}`).join(',');
    assert.equal((await mistakes(`${wide}\n`))[0], 'line 1 has 201 columns, and 200 is the limit.');
    assert.deepEqual(await mistakes(''), [
      'the file is empty: its first line names the columns, one of them contact_info.',
    ]);
  });

  test('in the text itself - are told as far as they can be placed', async () => {
    assert.deepEqual(await mistakes('contact_info,a\n"+12125550100,b\nc\n'), [
      'line 3 ends the file within a quoted field.',
    ]);
    assert.deepEqual(await mistakes('contact_info,a\n"+1"2,b\n'), [
      'line 2 has something between a closing quote and the next separator.',
    ]);
    assert.deepEqual(await mistakes('contact_info,a\n+1"2",b\n'), [
      'line 2 has a quote within a field that is not quoted.',
    ]);
    assert.deepEqual(await mistakes(`contact_info,a\n1,"${'x'.repeat(20_000)}"\n`), [
      'line 2 is longer than 16384 characters, or has a quote that is not closed.',
    ]);
    assert.deepEqual(await mistakes(new Uint8Array([...bytes('contact_info\n'), 0xff])), [
      'the file is not UTF-8 text.',
    ]);
  });

  test('a chain, a number or hours that are everywhere - are refused', async () => {
    const rows = (n: number, row: (i: number) => string) => Array.from({ length: n }, (_, i) => row(i)).join('\n');
    assert.deepEqual(await mistakes(`contact_info,chain_id\n${rows(101, i => `${i},5`)}`), [
      'line 102, chain_id has more than 100 records.',
    ]);
    assert.deepEqual(await mistakes(`contact_info\n${rows(1001, () => '+12125550100')}`), [
      'line 1002, contact_info came more than 1000 times.',
    ]);
    assert.deepEqual(await mistakes(`contact_info,daily_from\n${rows(501, i => `${i},${i}`)}`), [
      'line 502, daily_from makes one more than 500 different daily windows.',
    ]);
  });
});

describe('listDigest', () => {
  test('it changes - with the bytes and with what they are read with', async () => {
    const digests = [
      await listDigest(bytes('a'), ['UTC']),
      await listDigest(bytes('b'), ['UTC']),
      await listDigest(bytes('a'), ['Asia/Tokyo']),
      await listDigest(bytes('a'), ['UTC']),
    ];
    assert.equal(new Set(digests).size, 3);
    assert.equal(digests[0], digests[3]);
  });
});
