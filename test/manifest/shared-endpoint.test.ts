import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readEntry } from '../../definitions/manifest/read.ts';

/** What is warned of for machines with these endpoints, as `file:line message`. */
function warned(...endpoints: readonly string[]): readonly string[] {
  const texts = endpoints.map((endpoint, index) => [
    `machines/m${index}.yaml`,
    `ID: m${index}\nEndpoint: ${endpoint}\n`,
  ]);
  const entries = texts.map(([file = '', text]) => [file, readEntry(file, Buffer.from(text ?? ''))] as const);
  const files = new Map(entries.flatMap(([file, entry]) => (entry ? [[file, entry] as const] : [])));
  const { machines, problems } = readFleet(files, '', { warnings: true });
  assert.is(machines.size, endpoints.length, 'a warning refuses nothing');
  return problems.map(({ file, line, severity, message }) => `${severity} ${file}:${line} ${message.slice(0, 68)}`);
}

test('R26 two machines with one Endpoint are one BMC: a warning at the second, however it is written', () => {
  const said = 'the BMC of this machine is that of "m0" (machines/m0.yaml:1), by its';
  assert.equal(warned('https://bmc.example', 'https://BMC.example:443'), [`warning machines/m1.yaml:1 ${said}`]);
});

test('R26 another port or another host is another BMC', () => {
  assert.equal(warned('https://10.0.0.1', 'https://10.0.0.1:8443', 'https://10.0.0.2'), []);
});

test.run();
