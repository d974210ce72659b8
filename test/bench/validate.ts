import { parse, parseAllDocuments } from 'yaml';
import type { FleetFile } from '../../definitions/manifest/file.ts';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import { compare, timed } from './measure.ts';
import type { Case } from './row.ts';

const MACHINES = 100;

function manifest(index: number): Buffer {
  return Buffer.from(`# Keeps rack ${index % 40} quiet at night.
Name: Nightly PowerSaver Mode ${index}
Machines: [machine-${index % MACHINES}, machine-${(index + 1) % MACHINES}]
Action: PatchProfile
Payload:
  - ManagerID: bmc
    Payload: { Profile: PowerSaver }
Schedule:
  Type: Continuous
  Time: 22:${String(index % 60).padStart(2, '0')}:00
  Period:
    StartDay: 2026-02-10
    EndDay: 2026-12-31
    DaysOfWeek: [Monday, Friday]
    DaysOfMonth: null
`);
}

const inventory = Array.from({ length: MACHINES }, (_, n) => `ID: machine-${n}\nEndpoint: https://10.0.0.${n}\n`);

/** Validates so many one-job files, cold, and parses the same bytes with yaml alone. */
export const validate: Case = {
  name: 'validate',
  what: 'all files of a fleet judged, nothing known before / `yaml` parsing of the same bytes',
  unit: 'ms',
  bar: 1.5,
  sizes: { full: [1_000, 10_000], short: [50] },
  async measure(n, scale) {
    const contents = Array.from({ length: n }, (_, index) => manifest(index));
    const stock = Buffer.from(inventory.join('---\n'));
    const floor = () =>
      timed(() => {
        parseAllDocuments(stock.toString('utf8'));
        for (const bytes of contents) parse(bytes.toString('utf8'));
      });
    const ours = () => timed(() => judge(contents, stock));
    return [await compare({ case: 'validate', n, ours, floor, rounds: scale === 'full' ? 5 : 1 })];
  },
};

function judge(contents: readonly Buffer[], stock: Buffer): void {
  const files = new Map<string, FleetFile>([['machines/all.yaml', { blob: 'm', reading: readFile('machine', stock) }]]);
  for (const [index, bytes] of contents.entries()) {
    files.set(`jobs/${index}.yaml`, { blob: String(index), reading: readFile('job', bytes) });
  }
  const { jobs, problems } = readFleet(files, 'c0ffee');
  if (jobs.size !== contents.length || problems.length > 0) throw new Error('the bench fleet must be valid');
}
