import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../definitions/document.ts';
import { edit } from '../definitions/edit.ts';

const edits = [{ path: ['Managers', 'bmc', 'FanZones'], value: ['a', 'b'] }];
const set = (text: string) => edit(text, 'ID', 'm', edits);

for (const [what, text, expected] of [
  ['a new key', 'ID: m\nType: Base\n', 'ID: m\nType: Base\nManagers:\n  bmc:\n    FanZones: [ a, b ]\n'],
  ['no final newline', 'ID: m', 'ID: m\nManagers:\n  bmc:\n    FanZones: [ a, b ]\n'],
  ['CRLF', 'ID: m\r\n', 'ID: m\r\nManagers:\r\n  bmc:\r\n    FanZones: [ a, b ]\r\n'],
  [
    'the first of two',
    'ID: m\n---\nID: "n"   # n\n',
    'ID: m\nManagers:\n  bmc:\n    FanZones: [ a, b ]\n---\nID: "n"   # n\n',
  ],
  ['the second of two', 'ID:   n\n---\nID: m\n', 'ID:   n\n---\nID: m\nManagers:\n  bmc:\n    FanZones: [ a, b ]\n'],
  [
    'what is there already',
    'ID:   m\nManagers: {bmc: {FanZones: [a,   b]}}\n',
    'ID:   m\nManagers: {bmc: {FanZones: [a,   b]}}\n',
  ],
  [
    'JSON',
    '{\n  "ID": "m"\n}\n',
    `${JSON.stringify({ ID: 'm', Managers: { bmc: { FanZones: ['a', 'b'] } } }, null, 2)}\n`,
  ],
  ['another machine', 'ID: n\n', null],
  ['no YAML', 'ID: [\n', null],
] as const) {
  test(`edit: ${what}`, () => {
    const edited = set(text);
    assert.is(edited, expected);
    if (edited !== null) assert.is(set(edited), edited, 'a second time changes nothing');
    if (edited !== null)
      assert.equal(
        parse(Buffer.from(edited)).flatMap(({ faults }) => faults),
        [],
      );
  });
}

test.run();
