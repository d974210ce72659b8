import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import type { ManifestKind } from '../../definitions/manifest/reading.ts';
import { either } from '../../definitions/values/text.ts';

interface Table {
  readonly inventory: string;
  readonly good: Readonly<Record<string, { readonly kind: ManifestKind; readonly text: string }>>;
  readonly cases: readonly {
    readonly good: string;
    readonly what: string;
    readonly from: string;
    readonly to: string;
    readonly expected: readonly string[];
  }[];
}

const PATHS = {
  job: 'jobs/a.yaml',
  machine: 'machines/a.yaml',
  defaults: 'machines/_a.yaml',
  window: 'windows/a.yaml',
  settings: 'bmcron.yaml',
};
const { inventory, good, cases } = JSON.parse(
  readFileSync(new URL('../fixtures/problems.json', import.meta.url), 'utf8'),
) as Table;

/** The problems of one file beside the inventory, one a line: place, path, stage, rule, message. */
function problemsOf(kind: ManifestKind, text: string): string[] {
  const files = new Map([
    ['machines/rack.yaml', { blob: 'm', reading: readFile('machine', Buffer.from(inventory)) }],
    [PATHS[kind], { blob: 'b', reading: readFile(kind, Buffer.from(text)) }],
  ]);
  const { problems } = readFleet(files, 'c', { warnings: true });
  return problems.map(({ line, column, path, stage, rule, message, severity }) => {
    return `${line}:${column} ${path} ${severity === 'error' ? '' : 'warning '}${stage} ${rule} ${message}`;
  });
}

/** `{actions}` in an expected message stands for the names of all actions. */
const withActions = (text: string) => text.replace('{actions}', either([...ACTIONS.keys()]));

for (const { good: name, what, from, to, expected } of cases) {
  const [place = 'accepted'] = expected.map((each) => each.split(' ').slice(0, 2).join(' '));
  test(`R01: ${name}: ${what}: ${place}`, () => {
    const { kind, text } = good[name] ?? { kind: 'job', text: '' };
    assert.ok(text.includes(from));
    assert.equal(problemsOf(kind, text.replace(from, to)), expected.map(withActions));
  });
}

test('R42: no message repeats a text that a Machine holds', () => {
  const secrets = ['Endpoint: hunter2', 'CredentialsRef: "hunter2!"', 'Timeout: hunter2', 'TLS: { CA: "hunter2 " }'];
  for (const text of [...secrets, 'Labels: hunter2', 'Managers: { bmc: hunter2 }', 'Name: [hunter2]']) {
    const problems = problemsOf('machine', `ID: m\n${text}\n`);
    assert.ok(problems.length > 0);
    assert.not.match(problems.join('\n'), /hunter2/);
  }
});

test.run();
