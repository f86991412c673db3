import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDateTimeFormat, readDateTime } from './dateTimeFormat.ts';

const clock = (iso: string): number => Date.parse(`${iso}Z`);

describe('readDateTime - display formats', () => {
  const cases: readonly (readonly [format: string, text: string, iso: string])[] = [
    ['YYYY-MM-DD HH:mm:ss', '2022-04-27 19:04:36', '2022-04-27T19:04:36'],
    ['MM/DD/YYYY HH:mm:ss', '04/27/2026 18:41:34', '2026-04-27T18:41:34'],
    ['YYYY/MM/DD HH:mm:ss', '2026/10/16 15:04:09', '2026-10-16T15:04:09'],
    ['DD/MM/YYYY hh:mm:ss A', '27/04/2026 06:41:34 PM', '2026-04-27T18:41:34'],
    ['DD/MM/YYYY hh:mm:ss A', '27/04/2026 12:00:00 AM', '2026-04-27T00:00:00'],
    ['DD/MM/YYYY hh:mm:ss A', '27/04/2026 12:00:00 pm', '2026-04-27T12:00:00'],
    ['DD/MM/YYYY A hh:mm:ss', '27/04/2026 am 11:59:59', '2026-04-27T11:59:59'],
    ['YYYY/MM/DD hh:mm:ss', '2026/04/27 18:41:34', '2026-04-27T18:41:34'],
    ['MM/DD/YYYY', '04/27/2026 18:41:34', '2026-04-27T18:41:34'],
    ['DD.MM.YYYY HH:mm', '27.04.2026 18:41', '2026-04-27T18:41:00'],
    ['YYYY-MM-DDTHH:mm:ss', '2026-04-27T18:41:34', '2026-04-27T18:41:34'],
    ['YYYYMMDDHHmmss', '20260427184134', '2026-04-27T18:41:34'],
  ];
  for (const [format, text, iso] of cases) {
    test(`${format} reads ${text}`, () => assert.equal(readDateTime(text, format), clock(iso)));
  }
});

describe('readDateTime - a text that is not exactly of the format is null', () => {
  const cases: readonly (readonly [format: string, text: string])[] = [
    ['MM/DD/YYYY HH:mm:ss', '27/04/2026 18:41:34'],
    ['MM/DD/YYYY HH:mm:ss', '04-27-2026 18:41:34'],
    ['MM/DD/YYYY HH:mm:ss', '4/27/2026 18:41:34'],
    ['MM/DD/YYYY', '04/27/2026'],
    ['DD/MM/YYYY hh:mm:ss A', '27/04/2026 13:00:00 PM'],
    ['DD/MM/YYYY hh:mm:ss A', '27/04/2026 00:00:00 AM'],
    ['DD/MM/YYYY hh:mm:ss A', '27/04/2026 06:41:34 XM'],
    ['DD/MM/YYYY hh:mm:ss A', '27/04/2026 06:41:34 AN'],
    ['DD/MM/YYYY hh:mm:ss A', '27/04/2026 06:41:34'],
    ['YYYY/MM/DD hh:mm:ss', '2026/04/27 24:00:00'],
  ];
  for (const [format, text] of cases) {
    test(`${format} refuses ${text}`, () => assert.equal(readDateTime(text, format), null));
  }
});

describe('isDateTimeFormat - a format that cannot be used', () => {
  const cases: readonly (readonly [format: string, why: RegExp])[] = [
    ['', /lacks YYYY/],
    ['HH:mm:ss', /lacks YYYY/],
    ['YYYY-MM HH:mm:ss', /lacks DD/],
    ['YYYY-MM-DD HH', /lacks mm/],
    ['YYYY-MM-DD mm:ss', /lacks HH/],
    ['YYYY-MM-DD DD HH:mm', /has DD twice/],
    ['YYYY-MMM-DD HH:mm', /has the unknown letter M/],
    ['YY-MM-DD HH:mm', /has the unknown letter Y/],
    ['YYYY-MM-DD HH:mm:ss A', /has A beside HH/],
    ['YYYY-MM-DD HH:hh:mm', /has both HH and hh/],
  ];
  for (const [format, why] of cases) {
    test(`${JSON.stringify(format)} ${why.source}`, () => {
      assert.equal(isDateTimeFormat(format), false);
      assert.throws(() => readDateTime('2026-04-27 18:41:34', format), { name: 'RangeError', message: why });
    });
  }

  test('one that can', () => assert.equal(isDateTimeFormat('DD/MM/YYYY hh:mm:ss A'), true));
});

test('readDateTime - stays right when more formats were used than are remembered', () => {
  for (let n = 0; n < 500; n += 1) {
    assert.equal(readDateTime(`2026-04-27 18:41:34 #${n}`, `YYYY-MM-DD HH:mm:ss #${n}`), clock('2026-04-27T18:41:34'));
  }
});
