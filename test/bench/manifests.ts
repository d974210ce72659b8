import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ZONES = ['UTC', 'Europe/Amsterdam', 'America/New_York', 'Asia/Tokyo'];
const PROFILES = ['Performance', 'Balanced', 'PowerSaver'];
const DAYS = ['[]', '[Saturday, Sunday]', '[Monday, Tuesday, Wednesday, Thursday, Friday]'];
const PER_FOLDER = 100;
const PER_MACHINE_FILE = 50;

/** The manifests of a fleet by path: a job a file in folders of a hundred, machines fifty a file. */
export function manifests(jobs: number, machines: number): Map<string, string> {
  const files = new Map([['bmcron.yaml', 'TimeZone: UTC\nWorkerPoolSize: 5\n']]);
  for (let from = 0; from < machines; from += PER_MACHINE_FILE) {
    const count = Math.min(PER_MACHINE_FILE, machines - from);
    const documents = Array.from({ length: count }, (_, index) => machine(from + index));
    files.set(`machines/rack-${padded(from / PER_MACHINE_FILE, 3)}.yaml`, documents.join('---\n'));
  }
  for (let index = 0; index < jobs; index += 1) files.set(jobFile(index), job(index, machines));
  return files;
}

/** The same fleet long before its first run, so that nothing falls due while a service is measured at rest. */
export function atRest(files: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...files].map(([path, text]) => [path, text.replace('StartDay: 2020-02-10', 'StartDay: 2090-01-01')]),
  );
}

/** Where the job of a number is. */
export function jobFile(index: number): string {
  return `jobs/rack-${padded(Math.floor(index / PER_FOLDER), 3)}/job-${padded(index, 5)}.yaml`;
}

/** A nightly job as people write them; `second` of its time of day makes another version of it. */
export function job(index: number, machines: number, second = 0): string {
  const own = [0, 1, 2].map((each) => `machine-${(index * 3 + each) % machines}`);
  const dates = index % 7 === 0 ? `"1,15"` : 'null';
  return `Name: Nightly profile ${index}
Machines: [${[...new Set(own)].join(', ')}]
Action: PatchProfile
Payload:
  - ManagerID: bmc
    Payload: { Profile: ${PROFILES[index % PROFILES.length]} }
Schedule:
  Type: Continuous
  Time: "${padded(index % 24, 2)}:${padded(Math.floor(index / 24) % 60, 2)}:${padded(second, 2)}"
  TimeZone: ${ZONES[index % ZONES.length]}
  Period:
    StartDay: 2020-02-10
    EndDay: 2099-12-31
    DaysOfWeek: ${DAYS[index % DAYS.length]}
    DaysOfMonth: ${dates}
`;
}

function machine(index: number): string {
  return `ID: machine-${index}
Name: Rack ${Math.floor(index / 40)}, node ${index % 40}
Endpoint: https://10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}
CredentialsRef: fleet
TLS: { Insecure: true }
Labels: { rack: r${Math.floor(index / 40)}, site: ams }
`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** A temporary folder that is gone when the work has ended. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Git as anybody uses it, with nobody's configuration. */
export function git(folder: string, args: readonly string[], input = ''): string {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', args, { cwd: folder, env, input, encoding: 'utf8', maxBuffer: 2 ** 30 });
}

/** Makes a bare repository whose branch main holds these files. */
export function bareRepository(folder: string, files: ReadonlyMap<string, string>): string {
  git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', 'fleet.git']);
  const bare = join(folder, 'fleet.git');
  commitTo(bare, files, false);
  return bare;
}

/** Commits files on main, as a person's push would: the branch moves, nothing else. */
export function commitTo(bare: string, files: ReadonlyMap<string, string>, onTop = true): void {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const who = 'Operator <operator@example.com> 1790000000 +0000';
  const head = `commit refs/heads/main\ncommitter ${who}\n${data('Change the fleet')}`;
  const from = onTop ? 'from refs/heads/main^0\n' : '';
  const changes = [...files].map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
  git(bare, ['fast-import', '--quiet', '--force'], `${head}${from}${changes.join('')}done\n`);
}
