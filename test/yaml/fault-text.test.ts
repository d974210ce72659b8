import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../../definitions/yaml/document.ts';

/** A document, and the place (in it) and the words of its first fault. */
const CASES: readonly (readonly [document: string, at: readonly [number, number], message: RegExp])[] = [
  ['Name: a: b', [1, 7], /^a ": " after a value: quote the text/],
  ['Name: x\nMachines: [m1\nAction: y', [2, 11], /^the list that begins with \[ is not closed: end it with \]$/],
  ['Name: x\nTLS: { Insecure: true\nID: y', [2, 6], /^the mapping that begins with \{ is not closed: end it with \}$/],
  ['A: [1, { b: 2 ]', [1, 8], /^the mapping that begins with \{ is not closed/],
  ['Name: "x', [1, 7], /^the text that begins with " is not closed: end it with "$/],
  ["Name: 'x", [1, 7], /^the text that begins with ' is not closed/],
  ['Name: x\n\tID: y', [2, 1], /^a tab indents this line: use blanks$/],
  ['Name: x\nID: y\n Type: z', [2, 5], /quote the text if it belongs to it, else put the field on a line of its own/],
  ['Name: |\n  x\n y', [3, 1], /^this line is indented otherwise than its neighbours$/],
  ['Name: @x', [1, 7], /^a text cannot begin with this character: quote it$/],
  ['Name: x\njust words\nID: y', [2, 1], /^a field is wanted here: "Name: value"$/],
  ['Name: "a\\qb"', [1, 9], /^in double quotes \\ begins an escape/],
  ['Name: a]\nID: ]', [2, 5], /^a bracket that belongs to nothing/],
  ['Name: "a"#x', [1, 10], /^a blank is missing before "#"/],
  ['Name: - a', [1, 7], /^a list begins on a line of its own$/],
];

/** Words that only the package has. */
const RAW = /compact mapping|flow|Implicit|collection|sufficiently|reserved character|indentation|block-seq/;

for (const [text, at, message] of CASES) {
  test(`#22.12 ${JSON.stringify(text)}: said in words for whoever wrote it, at the place where it begins`, () => {
    const [fault] = parse(Buffer.from(`${text}\n`))[0]?.faults ?? [];
    assert.match(fault?.message ?? '', message);
    assert.not.match(fault?.message ?? '', RAW);
    assert.equal(fault?.at, at);
  });
  test(`#22.10 ${JSON.stringify(text)} between two documents: those stand, with their places`, () => {
    const documents = parse(Buffer.from(`ID: m1\n---\n${text}\n---\n# three\nID: m3\n`));
    assert.equal(
      documents.map(({ faults, value }) => (faults.length === 0 ? value : null)),
      [{ ID: 'm1' }, null, { ID: 'm3' }],
    );
    assert.equal(documents[1]?.faults[0]?.at, [at[0] + 2, at[1]]);
    const last = text.split('\n').length + 5;
    assert.equal(documents[2]?.position(['ID']), [last, 5]);
  });
}

test('#22.10 two quotes that are not closed: each is the fault of its own document', () => {
  const documents = parse(Buffer.from('ID: "a\n---\nID: m\n...\n---\nID: \'b\n---\nID: n\n'));
  assert.equal(
    documents.map(({ faults }) => faults.map(({ at }) => at)),
    [[[1, 5]], [], [[6, 5]], []],
  );
});

test.run();
