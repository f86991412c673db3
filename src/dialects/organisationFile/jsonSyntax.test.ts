import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { syntaxMistake } from './jsonSyntax.ts';

const CASES: readonly (readonly [text: string, at: string, what: string])[] = [
  ['', '1:1', 'the file ends where a value is expected'],
  ['{"a": 1,\n "b": 2,\n}', '2:8', 'no comma may stand before }'],
  ['[1, 2,]', '1:6', 'no comma may stand before ]'],
  ['{"a": 1 "b": 2}', '1:9', 'a comma or } is expected'],
  ['{"a": [1, 2}', '1:12', 'a comma or ] is expected'],
  ['{"a": [1, 2', '1:12', 'the file ends where a comma or ] is expected'],
  ['{\n  // who\n  "a": 1}', '2:3', 'a name in double quotes is expected'],
  ['{"a": /* who */ 1}', '1:7', 'comments are not allowed'],
  ['{a: 1}', '1:2', 'a name in double quotes is expected'],
  ['{"a" 1}', '1:6', 'a colon is expected'],
  ['{"a": \'x\'}', '1:7', 'text stands in double quotes'],
  ['{"a": "x\n"}', '1:7', 'the text that begins here has no closing quote'],
  ['{"a": "C:\\data"}', '1:10', 'a backslash must be written as \\\\'],
  ['{"a": "x\ty"}', '1:9', 'a control character must be written as \\t, \\n or \\u…'],
  ['{"a": 012}', '1:7', 'a value is expected'],
  ['{"a": True}', '1:7', 'a value is expected'],
  ['{"a": 1}\n{"b": 2}', '2:1', 'nothing more is expected'],
  ['['.repeat(300), '1:201', 'this is nested too deeply'],
];

for (const [text, at, what] of CASES) {
  test(`syntaxMistake - ${JSON.stringify(text.slice(0, 30))}`, () => {
    const mistake = syntaxMistake(text)!;
    assert.deepEqual(`${mistake.line}:${mistake.column} ${mistake.what}`, `${at} ${what}`);
  });
}

test('syntaxMistake - says the same as JSON.parse of any text', () => {
  const parses = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const fragment = fc.constantFrom(
    ...'{}[]:,"\\ \n\t0123456789.-+eEtruefalsnu/\u0000é'.split(''),
    'true',
    '"a":',
    '1.5',
    '\\u00e9',
  );
  const text = fc.oneof(
    fc.json(),
    fc.array(fragment, { maxLength: 12 }).map(parts => parts.join('')),
    fc.tuple(fc.json(), fc.nat(), fragment).map(([json, at, more]) => {
      const i = at % (json.length + 1);
      return json.slice(0, i) + more + json.slice(i + 1);
    }),
  );
  fc.assert(
    fc.property(text, each => assert.equal(syntaxMistake(each) === null, parses(each))),
    { numRuns: 5_000 },
  );
});
