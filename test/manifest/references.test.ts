import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import type { ManifestKind } from '../../definitions/manifest/reading.ts';

const MACHINE = 'ID: m\nEndpoint: https://10.0.0.1\nManagers: { other: {} }\n';
const SCHEDULE = 'Schedule: { Type: Once, Time: 14:00:00 }\n';

for (const [written, payload, at] of [
  ['an object', 'Payload: { ManagerID: bmc, Payload: { Profile: Custom } }', 'jobs/a.yaml:3 Payload.ManagerID'],
  ['a list', 'Payload:\n- ManagerID: bmc\n  Payload: { Profile: Custom }', 'jobs/a.yaml:4 Payload[0].ManagerID'],
] as const) {
  test(`R02: what the inventory lacks is told where it stands, Payload as ${written}`, () => {
    const text = `Name: x\nAction: PatchProfile\n${payload}\nMachines:\n- m\n- gone\n- lost\n${SCHEDULE}`;
    const gone = text.split('\n').indexOf('- gone') + 1;
    const read = (kind: ManifestKind, manifest: string) => ({
      blob: '',
      reading: readFile(kind, Buffer.from(manifest)),
    });
    const files = [
      ['machines/m.yaml', read('machine', MACHINE)],
      ['jobs/a.yaml', read('job', text)],
    ] as const;
    const told = readFleet(new Map(files), 'c0ffee').problems;
    assert.equal(
      told.map(({ file, line, path }) => `${file}:${line} ${path}`),
      [at, `jobs/a.yaml:${gone} Machines[1]`, `jobs/a.yaml:${gone + 1} Machines[2]`],
    );
  });
}

test.run();
