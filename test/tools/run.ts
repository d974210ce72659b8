// Runs every test/**/*.test.ts (or those whose path contains an argument), each file in a process of its own, two or
// more at once, and ends with "N passed, N failed". uvu's own command passes when a suite ran nothing, a hook threw or
// nothing matched; here each of these fails. With --browser, --clients, --servers or --engine it runs
// test/**/*.browser.ts and so on instead: what needs more than Node and git.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import { checkVersion, natsServer } from '../support/nats/binary.ts';
import { TEST_SECRETS } from '../support/secrets.ts';

const FILE_TIMEOUT_MS = Number(process.env['TEST_TIMEOUT_MS'] ?? 300_000);

const TESTS = join(import.meta.dirname, '..');

/** Suites of their own. */
const SUITES = ['browser', 'clients', 'servers', 'engine'];
const OWN_SUITE = SUITES.find((name) => process.argv.includes(`--${name}`));
const SUFFIX = `.${OWN_SUITE ?? 'test'}.ts`;

interface FileReport {
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

function testFiles(wanted: readonly string[]): string[] {
  return readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(SUFFIX) && (wanted.length === 0 || wanted.some((part) => path.includes(part))))
    .sort();
}

/** Runs one file; its last line of output is the child's `{passed, failed}`, absent when it died before. */
function runFile(path: string): Promise<FileReport> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'run-file.ts'), path], {
      cwd: join(TESTS, '..'),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const timer = setTimeout(() => killGroup(child.pid), FILE_TIMEOUT_MS);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      killGroup(child.pid); // whatever the file left running ends with it
      resolve(report(output, code, signal));
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // the group is gone, as it should be
  }
}

function report(output: string, code: number | null, signal: NodeJS.Signals | null): FileReport {
  const tally = /^TALLY (\d+) (\d+)$/m.exec(output);
  const passed = Number(tally?.[1] ?? 0);
  const failed = Number(tally?.[2] ?? 0);
  const told = TEST_SECRETS.filter((secret) => output.includes(secret));
  if (told.length > 0) return { passed, failed: failed + 1, output: `${output}\nit printed a secret: ${told}\n` };
  if (tally && code === 0 && passed > 0 && failed === 0) return { passed, failed, output };
  const why = signal ? `ended by ${signal}` : `exit ${code}${passed + failed === 0 ? ', no test ran' : ''}`;
  return { passed, failed: Math.max(failed, 1), output: `${output}\n${why}\n` };
}

if (OWN_SUITE === 'engine') checkVersion(natsServer()); // one word, and not one a file

const files = testFiles(process.argv.slice(2).filter((each) => each !== `--${OWN_SUITE}`));
const started = Date.now();
const reports = await pMap(
  files,
  async (path) => {
    const before = Date.now();
    const result = await runFile(path);
    const seconds = ((Date.now() - before) / 1000).toFixed(1);
    console.log(
      `${result.failed ? 'FAIL' : 'ok  '} ${path}  ${result.passed} passed, ${result.failed} failed, ${seconds} s`,
    );
    if (result.failed) console.log(result.output.replace(/^TALLY.*$/m, ''));
    return result;
  },
  { concurrency: Math.max(2, availableParallelism()) },
);
const passed = reports.reduce((sum, each) => sum + each.passed, 0);
const failed = reports.reduce((sum, each) => sum + each.failed, 0) + (files.length === 0 ? 1 : 0);
console.log(`${files.length} files in ${((Date.now() - started) / 1000).toFixed(1)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || passed === 0 ? 1 : 0;
