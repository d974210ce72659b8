// What a machine may say of its secret: how it is named, and whether it may be sent in clear text.
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

for (const [endpoint, more, isGood, warned] of [
  ['http://10.0.0.11', 'CredentialsRef: lab', false, false],
  ['http://10.0.0.11', 'CredentialsRef: lab\nAllowPlaintext: false', false, false],
  ['http://10.0.0.11', 'CredentialsRef: lab\nTLS: { Insecure: false }', false, false],
  ['http://10.0.0.11', 'CredentialsRef: lab\nAllowPlaintext: true', true, true],
  ['http://10.0.0.11', 'CredentialsRef: lab\nTLS: { Insecure: true }', true, true],
  ['http://10.0.0.11', '', true, false],
  ['https://10.0.0.11', 'CredentialsRef: lab', true, false],
] as const) {
  test(`#20.14 R42 ${endpoint} ${more}: ${isGood ? 'accepted' : 'refused'}${warned ? ', with a warning' : ''}`, () => {
    const { machine, problems, warnings } = judged(more, endpoint);
    assert.is(machine !== null, isGood, JSON.stringify(problems));
    if (!isGood) assert.match(problems[0]?.message ?? '', /in clear text: use https:, or say AllowPlaintext: true/);
    assert.is(warnings.length, warned ? 1 : 0);
  });
}

test.run();
