// What a machine's manifest may say about its secret: how the secret is named.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFile } from '../../definitions/manifest/read.ts';

function judged(more: string, endpoint = 'https://10.0.0.11') {
  const reading = readFile('machine', new TextEncoder().encode(`ID: node-1\nEndpoint: ${endpoint}\n${more}\n`));
  const [document] = reading.documents;
  assert.ok(document && 'machine' in document);
  return document;
}

for (const [name, isGood] of [
  ['rack1', true],
  ['constructor', true],
  ['com', true],
  ['rack.1', true],
  ['a..b', false],
  ['COM1', false],
  ['nul', false],
  ['lpt9.x', false],
] as const) {
  for (const more of [`CredentialsRef: ${name}`, `TLS: { CA: ${name} }`]) {
    test(`#20.15 R42 ${more}: ${isGood ? 'accepted' : 'refused'}`, () => {
      const { problems, machine } = judged(more);
      assert.is(machine !== null, isGood, JSON.stringify(problems));
      for (const problem of problems) assert.is(problem.rule, 'R42');
    });
  }
}

test.run();
