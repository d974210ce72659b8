import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../../definitions/values/json.ts';
import { parse, print } from '../../definitions/yaml/document.ts';
import type { PathKey } from '../../definitions/yaml/tree.ts';

const read = (text: string | Uint8Array) => parse(typeof text === 'string' ? Buffer.from(text) : text);

for (const [what, text, expected] of [
  [
    'times and dates stay text',
    'a: 22:00:00\nb: 2026-02-10\nc: 2026-02-10T00:00:00Z',
    { a: '22:00:00', b: '2026-02-10', c: '2026-02-10T00:00:00Z' },
  ],
  ['YAML 1.1 words stay text', 'a: yes\nb: on\nc: NO\nd: 1_000', { a: 'yes', b: 'on', c: 'NO', d: '1_000' }],
  [
    'core words',
    'a: true\nb: null\nc: ~\nd:\ne: 1e3\nf: 0x10\ng: 007',
    { a: true, b: null, c: null, d: null, e: 1000, f: 16, g: 7 },
  ],
  ['a BOM and CRLF', '\ufeffa: 1\r\nb: x\r\n', { a: 1, b: 'x' }],
  ['JSON', '{"a": [1, {"b": null}]}', { a: [1, { b: null }] }],
  ['keys are text', 'null: 1\ntrue: 2\n3: 4', { null: 1, true: 2, '3': 4 }],
  ['an anchor used twice', 'a: &x [1]\nb: *x\nc: *x', { a: [1], b: [1], c: [1] }],
  ['an anchor set anew', 'a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: 1, b: 1, c: 2, d: 2 }],
  ['a string tag', 'a: !!str 15', { a: '15' }],
  ['minus nothing is nothing', 'a: -0.0', { a: 0 }],
] as const) {
  test(`R04: ${what}`, () => {
    const [only, second] = read(text);
    assert.equal(only?.faults, []);
    assert.is(JSON.stringify(only?.value), JSON.stringify(expected));
    assert.is(second, undefined);
  });
}

for (const [text, count] of [
  ['', 0],
  ['# only a comment\n', 0],
  ['---\n---\n', 0],
  ['a: 1\n---\n# nothing\n---\nb: 2\n', 2],
  ['a: 1\n...\n', 1],
  ['---\n~\n', 1],
] as const) {
  test(`R05: ${JSON.stringify(text)} holds ${count}`, () => assert.is(read(text).length, count));
}

const TEXT = `# a remark
Name: "x"
List:
  - { key: [1, 2] }
Shared: &s
  deep: 1
Alias: *s
`;
for (const [path, part, expected] of [
  [[], 'value', [2, 1]],
  [['Name'], 'value', [2, 7]],
  [['Name'], 'key', [2, 1]],
  [['List', 0, 'key', 1], 'value', [4, 16]],
  [['List', 0, 'key'], 'key', [4, 7]],
  [['List', 0, 'absent'], 'value', [4, 5]],
  [['Alias', 'deep'], 'value', [6, 9]],
  [['absent', 'deeper'], 'value', [2, 1]],
] as readonly (readonly [readonly PathKey[], 'key' | 'value', readonly number[]])[]) {
  test(`R01: the ${part} of ${path.join('.') || 'the document'} is at ${expected.join(':')}`, () => {
    assert.equal(read(TEXT)[0]?.position(path, part), expected);
  });
}

for (const [what, value, expected] of [
  [
    'times, dates and old words are quoted',
    { T: '22:00:00', D: '2026-02-10', on: 'yes' },
    'T: "22:00:00"\nD: "2026-02-10"\n"on": "yes"\n',
  ],
  ['empty things', { a: [], b: {}, c: null, d: '' }, 'a: []\nb: {}\nc: null\nd: ""\n'],
  ['lines are not folded', { a: `${'word '.repeat(40)}end` }, `a: ${'word '.repeat(40)}end\n`],
  ['line breaks are escaped', { a: 'x\ny\n' }, 'a: "x\\ny\\n"\n'],
  ['shared values are written out', [{ a: 1 }, { a: 1 }], '- a: 1\n- a: 1\n'],
  ['what some readers take for a line break', { a: 'x\u0085y\u2028' }, '"a": "x\\u0085y\\u2028"\n'],
] as readonly (readonly [string, Json, string])[]) {
  test(`printing: ${what}`, () => assert.is(print([value]), expected));
}

test('printing: several documents, and one object that stands twice', () => {
  const shared = { x: 1 };
  assert.is(print([{ a: shared, b: shared }, { c: 2 }]), 'a:\n  x: 1\nb:\n  x: 1\n---\nc: 2\n');
});

for (const [what, text] of [
  ['a short file', `a: ${'['.repeat(100)}${']'.repeat(100)}`],
  ['a long file', `# ${'x'.repeat(1_000)}\na: ${'['.repeat(100)}${']'.repeat(100)}`],
  ['blocks', `${'- '.repeat(101)}x`],
] as const) {
  test(`R04 ${what} that is nested deeper than 100 levels is refused for that, one that is not is read`, () => {
    const faults = (given: string) =>
      parse(Buffer.from(given)).flatMap((each) => each.faults.map(({ message }) => message));
    assert.match(faults(text).join(), /nested deeper than 100 levels/);
    assert.equal(faults(text.replace('[[', '[').replace(']]', ']').replace('- - ', '- ')), []);
  });
}

test.run();
