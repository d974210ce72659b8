import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Json } from '../../definitions/values/json.ts';
import { print } from '../../definitions/yaml/document.ts';
import { PACKAGE_FOLDER } from '../version.ts';
import { type Bmc, startBmc } from './bmc.ts';
import { createDemoRepository, type DemoRepository } from './repository.ts';

/** A fleet to try: simulated BMCs with logins, and a repository of jobs for them, all in one temporary folder. */
export interface DemoFleet {
  readonly folder: string;
  readonly repository: DemoRepository;
  readonly bmcs: readonly Bmc[];
  readonly credentialsDir: string;
  /** Pushes a job that runs once, at a time of day (`HH:MM:SS`, UTC); returns its ID. */
  pushFirstRun(time: string): Promise<string>;
  /** The folder and the BMCs go. */
  remove(): Promise<void>;
}

/** How a demonstration fleet is made. */
export interface DemoFleetOptions {
  readonly machines: number;
  /** An empty folder for it; it goes with the fleet. */
  readonly folder: string;
}

const FEWEST_MACHINES = 3; // the example jobs speak of three

/** Makes a fleet of its own for a demonstration. */
export async function createDemoFleet(options: DemoFleetOptions): Promise<DemoFleet> {
  const { folder } = options;
  const login = { username: 'operator', password: randomBytes(12).toString('base64url') };
  const count = Math.max(FEWEST_MACHINES, options.machines);
  const bmcs = await Promise.all(Array.from({ length: count }, () => startBmc({ ...login })));
  const remove = async () => {
    await Promise.all(bmcs.map((bmc) => bmc.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const credentialsDir = join(folder, 'secrets');
    await write(join(credentialsDir, 'demo'), { ...login, endpoints: '127.0.0.1' }, 0o600);
    const repository = await createDemoRepository(folder);
    await write(repository.clone, {
      'bmcron.yaml': 'TimeZone: UTC\nWorkerPoolSize: 5\n',
      'machines/demo.yaml': print(bmcs.map(machine)),
      'jobs/examples.yaml': await readFile(join(PACKAGE_FOLDER, 'jobs.example.yaml'), 'utf8'),
    });
    await repository.commit('Describe the demonstration fleet');
    const pushFirstRun = async (time: string) => {
      await write(repository.clone, { 'jobs/first-run.yaml': firstRun(time) });
      await repository.commit('Run once, in a few seconds');
      return 'first-run';
    };
    return { folder, repository, bmcs, credentialsDir, pushFirstRun, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function machine(bmc: Bmc, index: number): Json {
  return {
    ID: `machine-${index + 1}`,
    Name: `Simulated BMC ${index + 1}`,
    Endpoint: bmc.endpoint,
    Labels: { rack: `r${Math.floor(index / 40) + 1}` },
    CredentialsRef: 'demo',
    TLS: { Fingerprint: bmc.fingerprint },
  };
}

function firstRun(time: string): string {
  return `# Runs once, seconds after the start of the demonstration.
Name: First run
Machines: [machine-1, machine-2]
Action: PatchProfile
Payload:
  ManagerID: bmc
  Payload: { Profile: PowerSaver }
Schedule:
  Type: Once
  Time: "${time}"
`;
}

async function write(folder: string, files: Readonly<Record<string, string>>, mode = 0o644): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode });
  }
}
