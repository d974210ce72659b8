import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { print } from '../../definitions/yaml/document.ts';
import { makeFolder } from '../state/atomic-file.ts';
import { PACKAGE_FOLDER } from '../version.ts';
import type { Bmc } from './bmc.ts';
import { openRack, type Rack, type WantedMachine } from './rack.ts';
import { type DemoRepository, openDemoRepository } from './repository.ts';
import { vendorFiles, vendorMachines, vendorNight } from './vendor-rack.ts';

/** Texts by path. */
type Files = Readonly<Record<string, string>>;

/** A fleet to try: simulated BMCs with logins, and a repository of jobs for them, all in one folder. */
export interface DemoFleet {
  readonly folder: string;
  readonly repository: DemoRepository;
  readonly bmcs: readonly Bmc[];
  readonly credentialsDir: string;
  /** Pushes a job that runs once on all machines, at a time of day (`HH:MM:SS`, UTC); returns its ID. */
  pushFirstRun(time: string): Promise<string>;
  /** The BMCs go off the line; with `keep` they and the folder can be taken up again, else the folder goes too. */
  remove(): Promise<void>;
}

/** How a demonstration fleet is made. */
export interface DemoFleetOptions {
  readonly machines: number;
  /** Where it is: an empty folder, or that of a fleet that was kept. */
  readonly folder: string;
  /** Leaves the folder behind when the fleet is removed. */
  readonly keep?: boolean;
  /** A rack of six vendors, switched off in the evening and on in the morning, in place of fans. */
  readonly vendors?: boolean;
}

const MANY = 30; // the guard lets 100 an hour pass, which is three runs
const MACHINES_A_RACK = 40;
const FEWEST_MACHINES = 3; // the example jobs speak of three

/** Makes a fleet of its own for a demonstration, or takes up one that was kept. */
export async function createDemoFleet(options: DemoFleetOptions): Promise<DemoFleet> {
  const { machines, folder, keep = false, vendors = false } = options;
  const rack = await openRack({ folder, machines: vendors ? vendorMachines(machines) : fanMachines(machines) });
  const remove = async () => {
    await rack.close();
    if (!keep) await rm(folder, { recursive: true, force: true });
  };
  try {
    const repository = await openDemoRepository(folder);
    await describe(repository, rack, vendors ? vendorFiles(rack.machines.length) : await fanFiles(rack));
    return {
      folder,
      repository,
      bmcs: rack.machines.map(({ bmc }) => bmc),
      credentialsDir: rack.credentialsDir,
      async pushFirstRun(time) {
        await write(
          repository.clone,
          vendors ? vendorNight(time, rack.machines.length) : { 'jobs/first-run.yaml': firstRun(time) },
        );
        await repository.commit('Run once, in a few seconds');
        return 'first-run';
      },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function fanMachines(count: number): readonly WantedMachine[] {
  return Array.from({ length: Math.max(FEWEST_MACHINES, count) }, (_, index) => wanted(index));
}

/** The example jobs name machine-1 to machine-3, and a second manager of the first. */
function wanted(index: number): WantedMachine {
  return {
    id: `machine-${index + 1}`,
    preset: 'demo',
    labels: { rack: `r${Math.floor(index / MACHINES_A_RACK) + 1}` },
    ...(index === 0 ? { managers: ['bmc', 'bmc2'] } : {}),
  };
}

/** Commits the inventory as it is now, and what else a fleet begins with where it is not there yet. */
async function describe(repository: DemoRepository, { inventory }: Rack, files: Files): Promise<void> {
  const missing = Object.entries(files).filter(([path]) => !existsSync(join(repository.clone, path)));
  await write(repository.clone, { ...Object.fromEntries(missing), 'machines/demo.yaml': print(inventory) });
  await repository.commit('Describe the demonstration fleet');
}

async function fanFiles({ inventory }: Rack): Promise<Files> {
  return {
    'bmcron.yaml': settings(inventory.length),
    'jobs/examples.yaml': await readFile(join(PACKAGE_FOLDER, 'jobs.example.yaml'), 'utf8'),
  };
}

/** A fleet so big that its own jobs would meet a guard says that it may be. */
function settings(machines: number): string {
  const guards =
    machines > MANY ? 'Guards:\n  - { Class: Thermal, MaxMachines: null } # the first run is on all of them\n' : '';
  return `TimeZone: UTC\nWorkerPoolSize: 5\n${guards}`;
}

function firstRun(time: string): string {
  return `# Runs once on every machine, seconds after the start of the demonstration.
Name: First run
MachineSelector:
  MatchLabels: { simulated: "yes" }
Action: PatchProfile
Payload:
  ManagerID: bmc
  Payload: { Profile: PowerSaver }
Schedule:
  Type: Once
  Time: "${time}"
`;
}

async function write(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await makeFolder(dirname(join(folder, path)));
    await writeFile(join(folder, path), text);
  }
}
