import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Bmc, startBmc } from '../../controller/demo/bmc.ts';
import { createDemoRepository, type DemoRepository } from '../../controller/demo/repository.ts';
import { assertNoSecret, TEST_SECRETS } from './secrets.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fleet repository and its BMC in a temporary folder, for tests of the program as a process. */
export interface CliFleet {
  readonly folder: string;
  readonly repository: DemoRepository;
  readonly bmc: Bmc;
  readonly secrets: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs the program to its end on the clone. */
  bmcron(command: string, ...args: readonly string[]): Promise<Ended>;
  remove(): Promise<void>;
}

/** Makes a fleet with one machine, `machine-1`, whose login and certificate are right. */
export async function createCliFleet(files: Readonly<Record<string, string>>): Promise<CliFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'bmcron-test-'));
  const bmc = await startBmc({ username: 'operator', password: 'correct horse', managers: ['bmc', 'bmc2'] });
  const repository = await createDemoRepository(folder);
  const secrets = join(folder, 'secrets');
  const write = async (texts: Readonly<Record<string, string>>, root = repository.clone) => {
    for (const [path, text] of Object.entries(texts)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  };
  await write({ username: 'operator', password: 'correct horse', endpoints: '127.0.0.1' }, join(secrets, 'right'));
  await write({ username: 'operator', password: 'wrong pony', endpoints: '127.0.0.1' }, join(secrets, 'wrong'));
  await write({ 'machines/one.yaml': machineText('machine-1', bmc), ...files });
  await repository.commit('Describe the fleet');
  return {
    folder,
    repository,
    bmc,
    secrets,
    write: (texts) => write(texts),
    bmcron: (command, ...args) => ended([command, ...args], secrets),
    async remove() {
      await bmc.close();
      assertNoSecret(folder, TEST_SECRETS, [secrets]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A Machine document for a simulated BMC. */
export function machineText(
  id: string,
  bmc: Pick<Bmc, 'endpoint' | 'fingerprint'>,
  change: Readonly<Record<string, string>> = {},
): string {
  const fields = {
    ID: id,
    Endpoint: bmc.endpoint,
    CredentialsRef: 'right',
    TLS: `{ Fingerprint: "${bmc.fingerprint}" }`,
    Timeout: '10s',
    ...change,
  };
  return `${Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n')}\n`;
}

/** A job that changes the profile; `more` are further lines. */
export function jobText(machines: readonly string[], profile: string, time: string, more = ''): string {
  return `Name: Test job
Machines: [${machines.join(', ')}]
Action: PatchProfile
Payload: { ManagerID: bmc, Payload: { Profile: ${profile} } }
Schedule: { Type: Once, Time: "${time}" }
${more}`;
}

/** Runs the program to its end. */
export function ended(args: readonly string[], secrets = ''): Promise<Ended> {
  const run = args[0] === 'run' && secrets ? ['--credentials-dir', secrets] : [];
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, ...args, ...run], (error, stdout, stderr) => {
      resolve({ code: error ? ((error.code as unknown as number | undefined) ?? null) : 0, stdout, stderr });
    });
  });
}

/** Starts the service as a process of its own; what it prints is collected. */
export function serve(fleet: CliFleet, ...args: readonly string[]) {
  return start(process.execPath, commandLine(fleet, args));
}

/** As `serve`, with a process that may open so many files. */
export function serveWithin(openFiles: number, fleet: CliFleet, ...args: readonly string[]) {
  const script = `ulimit -n ${openFiles}; exec "$0" "$@"`;
  return start('sh', ['-c', script, process.execPath, ...commandLine(fleet, args)]);
}

function commandLine(fleet: CliFleet, args: readonly string[]): string[] {
  return ['--import', 'tsx', MAIN, 'run', ...args, '--credentials-dir', fleet.secrets, '--format', 'json'];
}

function start(program: string, args: readonly string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (printed.stdout += chunk));
  child.stderr.on('data', (chunk) => (printed.stderr += chunk));
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, printed, exit };
}

/** Waits until a fact holds; fails with what it was when it does not come true. */
export async function until(fact: () => boolean | Promise<boolean>, what: string, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await fact())) {
    if (Date.now() > end) throw new Error(`did not come true within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
