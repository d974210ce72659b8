import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Document } from 'yaml';
import type { Json } from '../../definitions/values/json.ts';
import { isTyped } from '../../definitions/yaml/document.ts';
import { printBlock } from '../../definitions/yaml/print-block.ts';

/** As definitions/document.ts asks the yaml package. */
function byPackage(value: Json): string {
  const document = new Document(value, { schema: 'core', compat: 'yaml-1.1', aliasDuplicateObjects: false });
  return document.toString({
    lineWidth: 0,
    blockQuote: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  });
}

const WORDS = [
  'yes',
  'No',
  'ON',
  'null',
  'Null',
  'y',
  'n',
  'true',
  '~',
  '',
  '-',
  'a:b',
  'a: b',
  'a #b',
  'job-1@2026-03-10T22:00:00Z',
];
const MORE = [
  '22:00:00',
  '2026-03-10',
  '2026-03-10T22:00:00Z',
  '1e3',
  '0x1',
  'a\nb',
  'é',
  'a ',
  ' a',
  'Infinity',
  'NaN',
  'e1',
  'a:',
  '<<',
  '=',
  '1a2b3c',
  '123456e7',
  "it's",
  'say "it"',
  'both \' and "',
  'a \\n b',
  '...',
  '--- a',
  '%a',
  '? a',
  '-a',
  'a, b (c); d',
];
const texts = fc.oneof(
  fc.constantFrom(...WORDS, ...MORE),
  fc.string({ maxLength: 12 }),
  fc.stringMatching(/^[A-Za-z0-9 _./@:-]{0,14}$/),
  fc.stringMatching(/^[0-9 _.:+TZe-]{0,22}$/),
  fc.stringMatching(/^[ -~]{0,16}$/),
);
const scalars = fc.oneof(texts, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars as fc.Arbitrary<Json>,
    fc.array(tie('value'), { maxLength: 4 }) as fc.Arbitrary<Json>,
    fc.dictionary(texts, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<Json>,
  ),
}));
const plainTexts = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 _./@-]{0,10}[a-z0-9]$/);

test('what is written fast is byte for byte what the yaml package writes', () => {
  let fast = 0;
  const agrees = (each: Json) => {
    const printed = printBlock(each, isTyped);
    if (printed === null) return;
    fast += 1;
    assert.is(printed, byPackage(each));
  };
  fc.assert(fc.property(value, agrees), { numRuns: 3_000 });
  fc.assert(fc.property(fc.dictionary(texts, scalars as fc.Arbitrary<Json>, { maxKeys: 3 }), agrees), {
    numRuns: 3_000,
  });
  const nested = fc.dictionary(
    plainTexts,
    fc.oneof(plainTexts, fc.array(fc.dictionary(plainTexts, plainTexts)), fc.constant([]), fc.constant({})),
  );
  fc.assert(fc.property(nested as fc.Arbitrary<Json>, agrees), { numRuns: 1_000 });
  assert.ok(fast > 500, `only ${fast} were written fast`);
});

for (const word of [...WORDS, ...MORE]) {
  test(`${JSON.stringify(word)} as a value and in a list: as the package writes it, or left to it`, () => {
    for (const each of [{ a: word }, { a: [word] }, { a: [{ b: word }] }] as Json[]) {
      assert.ok([null, byPackage(each)].includes(printBlock(each, isTyped)), String(printBlock(each, isTyped)));
    }
  });
}

test.run();
