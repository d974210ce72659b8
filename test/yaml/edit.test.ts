import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../definitions/values/json.ts';
import { edit, withoutDocument } from '../../definitions/yaml/edit.ts';

const FILE = `# about the file

# about a
Name: a # why a
Period: # none
Machines:
- m1
- m2
# after the machines
Schedule:
  Type: Once
  # inner
  Time: 22:00:00 # late

# tail
---
# about b
Name: b
Schedule: { Type: Once, Time: "10:00:00" } # flow
Text: |
  hello

Z: 1
`;
const A = { Name: 'a', Period: null, Machines: ['m1', 'm2'], Schedule: { Type: 'Once', Time: '22:00:00' } };
const B = { Name: 'b', Schedule: { Type: 'Once', Time: '10:00:00' }, Text: 'hello\n', Z: 1 };

interface Case {
  readonly name: string;
  readonly index: number;
  readonly value: JsonObject;
  readonly from: string;
  readonly to: string;
}

const CASES: readonly Case[] = [
  { name: 'nothing to do', index: 0, value: A, from: '', to: '' },
  { name: 'a scalar', index: 0, value: { ...A, Name: 'other: one' }, from: 'Name: a #', to: 'Name: "other: one" #' },
  {
    name: 'a nested scalar',
    index: 0,
    value: { ...A, Schedule: { Type: 'Once', Time: '07:30:00' } },
    from: 'Time: 22:00:00 #',
    to: 'Time: "07:30:00" #',
  },
  {
    name: 'a list',
    index: 0,
    value: { ...A, Machines: ['m3'] },
    from: 'Machines:\n- m1\n- m2\n',
    to: 'Machines: [ m3 ]\n',
  },
  {
    name: 'a field that was empty',
    index: 0,
    value: { ...A, Period: { DaysOfWeek: ['Monday'] } },
    from: 'Period: # none',
    to: 'Period: { DaysOfWeek: [ Monday ] } # none',
  },
  {
    name: 'a new field goes to the end of its mapping',
    index: 0,
    value: { ...A, Trigger: 'now' },
    from: '22:00:00 # late\n',
    to: '22:00:00 # late\nTrigger: now\n',
  },
  {
    name: 'a new nested field',
    index: 0,
    value: { ...A, Schedule: { ...A.Schedule, Day: '2026-03-10' } },
    from: '22:00:00 # late\n',
    to: '22:00:00 # late\n  Day: "2026-03-10"\n',
  },
  {
    name: 'a field goes',
    index: 0,
    value: { Name: 'a', Period: null, Schedule: A.Schedule },
    from: 'Machines:\n- m1\n- m2\n',
    to: '',
  },
  {
    name: 'another document, a flow mapping',
    index: 1,
    value: { ...B, Schedule: { Type: 'Once', Time: '11:00:00' } },
    from: '"10:00:00" }',
    to: '"11:00:00" }',
  },
  {
    name: 'a flow mapping that grows',
    index: 1,
    value: { ...B, Schedule: { ...B.Schedule, Day: '2026-03-10' } },
    from: '{ Type: Once, Time: "10:00:00" }',
    to: '{ Type: Once, Time: "10:00:00", Day: "2026-03-10" }',
  },
  { name: 'a block scalar', index: 1, value: { ...B, Text: 'bye' }, from: 'Text: |\n  hello\n', to: 'Text: bye\n' },
  { name: 'a field behind a block scalar', index: 1, value: { ...B, M: [] }, from: 'Z: 1\n', to: 'Z: 1\nM: []\n' },
];

for (const { name, index, value, from, to } of CASES) {
  test(`edit, all else byte for byte: ${name}`, () => {
    assert.ok(FILE.includes(from));
    assert.is(
      edit(FILE, index, value),
      FILE.replace(from, () => to),
    );
  });
}

for (const eol of ['\n', '\r\n']) {
  test(`edit keeps ${JSON.stringify(eol)} and a missing end of line`, () => {
    assert.is(edit(`A: 1${eol}B: 2`, 0, { A: 1, B: 3, C: 4 }), `A: 1${eol}B: 3${eol}C: 4`);
  });
}

test('edit: what an anchor says elsewhere is not changed with it', () => {
  const text = 'A: &x { k: 1 }\nB: *x\n';
  assert.is(edit(text, 0, { A: { k: 1 }, B: { k: 2 } }), 'A: &x { k: 1 }\nB: { k: 2 }\n');
  assert.is(edit(text, 0, { A: { k: 2 }, B: { k: 1 } }), null);
});

test('edit: a document that is not there is not edited', () => assert.is(edit('A: 1\n', 1, { A: 2 }), null));

test('a document goes with its comments; the comment about the file stays', () => {
  const cut = FILE.indexOf('---\n');
  assert.is(withoutDocument(FILE, 1), FILE.slice(0, cut));
  assert.is(withoutDocument(FILE, 0), `# about the file\n\n${FILE.slice(cut)}`);
  assert.is(withoutDocument('A: 1\n---\n# b\nB: 2\n', 0), '# b\nB: 2\n');
  assert.is(withoutDocument('A: 1\n---\nB: 2\n...\n# c\n---\nC: 3\n', 1), 'A: 1\n# c\n---\nC: 3\n');
  assert.is(withoutDocument('A: 1\n', 1), null);
});

const DEEP = { ID: 'm', Managers: { bmc: { FanZones: ['a', 'b'] } } };
for (const [what, text, expected] of [
  ['on lines of its own', 'ID: m\n', 'ID: m\nManagers:\n  bmc:\n    FanZones: [ a, b ]\n'],
  ['with CRLF', 'ID: m\r\n', 'ID: m\r\nManagers:\r\n  bmc:\r\n    FanZones: [ a, b ]\r\n'],
  ['in JSON', '{\n  "ID": "m"\n}\n', `${JSON.stringify(DEEP, null, 2)}\n`],
  ['in JSON of one line', '{"ID": "m"}', JSON.stringify(DEEP)],
  ['that is there', '{ "ID":  "m", "Managers": {"bmc": {"FanZones": ["a","b"]}}}', null],
] as const) {
  test(`edit: a deep field ${what}`, () => assert.is(edit(text, 0, DEEP), expected ?? text));
}

test('new fields at the end of a nested mapping and behind it stand in this order', () => {
  const text = 'ID: a\nManagers:\n  bmc:\n    Profiles: [ A ]\n---\nID: b\n';
  const value = { ID: 'a', Managers: { bmc: { Profiles: ['A'], FanZones: ['z'] } }, Identity: { UUID: 'u' } };
  const expected = 'Profiles: [ A ]\n    FanZones: [ z ]\nIdentity: { UUID: u }\n---';
  assert.is(edit(text, 0, value), text.replace('Profiles: [ A ]\n---', expected));
});

test.run();
