import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FleetFile } from '../../definitions/manifest/file.ts';
import { type Fleet, readFleet } from '../../definitions/manifest/fleet.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import { kindOf, type ManifestKind } from '../../definitions/manifest/reading.ts';

const REACHED = [
  ...['', 'a, b', 'b', 'c'].map((machines) => `Machines: [${machines}]`),
  'MachineSelector: { MatchLabels: { rack: r7 } }',
  'MachineSelector: { MatchExpressions: [{ Key: rack, Operator: Exists }] }\nAllowEmpty: true',
];

const CONTENTS: Readonly<Record<ManifestKind, readonly string[]>> = {
  job: REACHED.flatMap((machines, index) => [
    `Name: J${index % 2}
${machines}
Action: PatchProfile
Payload: { ManagerID: bmc, Payload: { Profile: Custom } }
Schedule: { Type: Once, Time: "22:00:00" }
`,
    `Name: J${index % 2}
${machines}
Action: PatchManager
Payload: { ManagerID: bmc, Payload: { ServiceIdentification: "{Labels.u}" } }
Schedule: { Type: Once, Time: "22:00:00" }
`,
  ]),
  machine: ['a', 'b', 'c'].flatMap((id) => [
    `ID: ${id}\nEndpoint: https://10.0.0.1\n`,
    `ID: ${id}\nEndpoint: https://10.0.0.1\nType: Base\n`,
    `ID: ${id}\nEndpoint: https://10.0.0.1\nLabels: { rack: r7, u: '1' }\n`,
    `ID: ${id}\nEndpoint: http://10.0.0.1\nLabels: { rack: r8 }\n`,
    `ID: ${id}\nEndpoint: nowhere\n`,
    'ID: [\n',
  ]),
  defaults: [
    'Defaults: { Labels: { rack: r7 } }\n',
    'Defaults: { Labels: { u: "2" }, CredentialsRef: lab }\n',
    'Defaults: { Type: Base }\n',
    'Defaults: { ID: a }\n',
  ],
  window: ['x', 'y'].flatMap((name) => [
    `Name: ${name}\nKind: Freeze\nFrom: "2026-12-18T18:00:00"\n`,
    `Name: ${name}\nKind: Thaw\nFrom: "2026-12-18T18:00:00"\n`,
    'Name: [\n',
  ]),
  settings: ['TimeZone: UTC\n', 'TimeZone: Nowhere\n'],
};
const PATHS = [
  'jobs/a.yaml',
  'jobs/b.yaml',
  'jobs/a.json',
  'jobs/x/b.yaml',
  'machines/a.yaml',
  'machines/b.yaml',
  'machines/_a.yaml',
  'machines/_b.yaml',
  'windows/a.yaml',
  'windows/b.yaml',
];

/** Objects that stay the same while a file does, as the controller's memory of readings gives them out. */
const entries = new Map<string, FleetFile>();

function entryOf(path: string, index: number): FleetFile {
  const kind = kindOf(path) ?? 'settings';
  const texts = CONTENTS[kind];
  const text = index % 5 === 4 ? texts.join('---\n') : (texts[index % texts.length] ?? '');
  const key = `${path} ${text}`;
  const entry = entries.get(key) ?? { blob: key, reading: readFile(kind, Buffer.from(text)) };
  entries.set(key, entry);
  return entry;
}

/** What a fleet says, the commit of each job left out. */
function told({ jobs, machines, windows, settings, problems, refused }: Fleet) {
  const plain = [...jobs].map(([id, { commit: _, ...job }]) => [id, job] as const);
  return { jobs: plain, machines: [...machines], windows, settings, problems, refused: [...refused].sort() };
}

const file = fc.tuple(fc.constantFrom(...PATHS, 'bmcron.yaml'), fc.nat(12));
const tree = fc.uniqueArray(file, { selector: ([path]) => path, maxLength: 7 });

test('R10, R21: a fleet read over the one before says what it says when it is read anew', () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 2, maxLength: 6 }), (commits) => {
      let before: Fleet | null = null;
      for (const [index, files] of commits.entries()) {
        const read = new Map(files.sort().map(([path, content]) => [path, entryOf(path, content)]));
        const fleet = readFleet(read, `commit ${index}`, { before });
        assert.equal(told(fleet), told(readFleet(read, 'anew')));
        before = fleet;
      }
    }),
    { numRuns: 500 },
  );
});

test('R21: a pass that changes nothing judges nothing: all objects stay', () => {
  const read = new Map(PATHS.map((path, index) => [path, entryOf(path, index)]));
  const first = readFleet(read, 'first');
  const second = readFleet(read, 'second', { before: first });
  assert.is(second.machines, first.machines);
  for (const [id, job] of second.jobs) assert.is(job, first.jobs.get(id));
});

test.run();
