// What validation costs beside the parser that it cannot do without: node --import tsx test/bench/validate.ts [files]
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { type FleetFile, readFile, readFleet } from '../../definitions/manifest.ts';

/** One line of the benchmark; `ours` and `floor` in ms, `spread` of the ratio over the rounds, 0.1 is 10 %. */
export interface Measurement {
  readonly case: string;
  readonly n: number;
  readonly ours: number;
  readonly floor: number;
  readonly ratio: number;
  readonly spread: number;
}

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

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Validates so many one-job files, and parses the same bytes with yaml alone, in turns. */
export function benchValidate(n = 10_000, rounds = 5): Measurement {
  const contents = Array.from({ length: n }, (_, index) => manifest(index));
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const parsing = timed(() => {
      for (const bytes of contents) parse(bytes.toString('utf8'));
    });
    const validating = timed(() => {
      const machines = readFile('machine', Buffer.from(inventory.join('---\n')));
      const files = new Map<string, FleetFile>([['machines/all.yaml', { blob: 'm', reading: machines }]]);
      for (const [index, bytes] of contents.entries()) {
        files.set(`jobs/${index}.yaml`, { blob: String(index), reading: readFile('job', bytes) });
      }
      const { jobs, problems } = readFleet(files, 'c0ffee');
      if (jobs.size !== n || problems.length > 0) throw new Error('the bench fleet must be valid');
    });
    if (round < 0) continue; // the first warms the machine up
    floor.push(parsing);
    ours.push(validating);
  }
  const ratios = ours.map((each, index) => each / (floor[index] ?? 1));
  const ratio = median(ratios);
  const spread = (Math.max(...ratios) - Math.min(...ratios)) / ratio;
  return { case: 'validate: one-job files', n, ours: median(ours), floor: median(floor), ratio, spread };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(benchValidate(Number(process.argv[2] ?? 10_000))));
}
