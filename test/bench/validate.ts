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
    const ours = () => timed(() => judge(contents, [stock]));
    return [await compare({ case: 'validate', n, ours, floor, rounds: scale === 'full' ? 5 : 1 })];
  },
};

/** A rack's machines to a file, and a job for each ten machines, which selects its own by labels. */
export const validateSelectors: Case = {
  name: 'validate-selectors',
  what: 'N machines and N/10 jobs that select theirs judged, nothing known before / `yaml` parsing of the same bytes',
  unit: 'ms',
  bar: 1.5,
  sizes: { full: [10_000], short: [80] },
  async measure(n, scale) {
    const racks = Array.from({ length: n / RACK }, (_, rack) => Buffer.from(rackText(rack)));
    const contents = Array.from({ length: n / 10 }, (_, index) => selectorJob(index, racks.length));
    const floor = () =>
      timed(() => {
        for (const bytes of racks) for (const each of parseAllDocuments(bytes.toString('utf8'))) each.toJS();
        for (const bytes of contents) parse(bytes.toString('utf8'));
      });
    const ours = () => timed(() => judge(contents, racks));
    return [await compare({ case: 'validate-selectors', n, ours, floor, rounds: scale === 'full' ? 5 : 1 })];
  },
};

const RACK = 40;

function rackText(rack: number): string {
  const documents = Array.from({ length: RACK }, (_, n) => {
    const address = `10.${rack >> 8}.${rack & 255}.${n}`;
    const role = n % 4 === 0 ? 'storage' : 'compute';
    return `ID: machine-${rack}-${n}\nEndpoint: https://${address}\nLabels: { rack: r${rack}, role: ${role} }\n`;
  });
  return documents.join('---\n');
}

function selectorJob(index: number, racks: number): Buffer {
  const text = manifest(index).toString('utf8');
  const selector = `MachineSelector:\n  MatchLabels: { rack: r${index % racks} }\n`;
  const roles = '  MatchExpressions: [{ Key: role, Operator: NotIn, Values: [storage] }]\n';
  return Buffer.from(text.replace(/^Machines:.*\n/m, index % 2 === 0 ? selector : selector + roles));
}

function judge(contents: readonly Buffer[], stock: readonly Buffer[]): void {
  const files = new Map<string, FleetFile>();
  for (const [index, bytes] of stock.entries()) {
    files.set(`machines/${index}.yaml`, { blob: `m${index}`, reading: readFile('machine', bytes) });
  }
  for (const [index, bytes] of contents.entries()) {
    files.set(`jobs/${index}.yaml`, { blob: String(index), reading: readFile('job', bytes) });
  }
  const { jobs, problems } = readFleet(files, 'c0ffee');
  if (jobs.size !== contents.length || problems.length > 0) throw new Error('the bench fleet must be valid');
}
