import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseAllDocuments, parse as parseYaml } from 'yaml';
import type { Json } from '../../definitions/values/json.ts';
import { parse, print } from '../../definitions/yaml/document.ts';

/** Prints random values and reads them back, also as YAML 1.1 would: strings stay strings. */
export function checkPrinting(numRuns: number, seed: number): void {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(...'0123456789:-.eExX_~+oOnNyYfFtT= \n\t#"\'&*![]{},|>%@`\u0085\u2028\ufeff') }),
  );
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e21, 22),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (documents) => {
      const printed = print(documents);
      const back = parse(Buffer.from(printed));
      assert.equal(
        back.flatMap(({ faults }) => faults),
        [],
      );
      // As text: `equal` takes an own `__proto__` for another prototype.
      assert.is(JSON.stringify(back.map((each) => each.value)), JSON.stringify(documents));
      assert.is(print(documents), printed);
      for (const [index, each] of parseAllDocuments(printed, { version: '1.1', merge: true }).entries()) {
        const old = each.toJS({ maxAliasCount: 0 }) as unknown;
        if (typeof documents[index] === 'string') assert.is(old, documents[index]);
      }
      const wrapped = print([{ field: documents[0] ?? null }]);
      if (typeof documents[0] === 'string') assert.is(parseYaml(wrapped, { version: '1.1' }).field, documents[0]);
    }),
    { numRuns, seed },
  );
}
