// The curl examples of the README against the real demonstration, with the real curl.
import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../definitions/values/json.ts';
import { DEMO_JOBS } from '../support/examples.ts';
import { until } from '../support/service.ts';

const run = promisify(execFile);
const demo = spawn(process.execPath, ['--import', 'tsx', 'controller/main.ts', 'demo'], {
  cwd: join(import.meta.dirname, '../..'),
  stdio: ['ignore', 'pipe', 'inherit'],
});
let told = '';
demo.stdout.on('data', (chunk) => (told += chunk));
test.after(async () => {
  demo.kill('SIGINT');
  await until(() => demo.exitCode !== null);
});

/** An example, with the port that the demonstration could get. */
async function example(heading: string): Promise<JsonObject> {
  const text = await readFile(join(import.meta.dirname, 'curl-examples.sh'), 'utf8');
  const block = text.split('\n\n').find((each) => each.startsWith(`# ${heading}`));
  assert.ok(block, heading);
  const origin = /The page is at (\S+)\/,/.exec(told)?.[1] ?? '';
  const script = String(block).replaceAll('http://127.0.0.1:8080', origin);
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script]);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return (last === '' ? {} : JSON.parse(last)) as JsonObject;
}

test('the examples work verbatim, and each write is a commit', async () => {
  await until(() => /first-run started/.test(told)); // the demonstration has pushed all that it pushes itself
  const once = await example('Create a job that runs once');
  assert.is(once['Id'], 'quiet-weekend');
  assert.match(String(once['NextRunTime']), /T23:30:00Z$/);
  const daily = await example('Create a daily job');
  assert.match(String(daily['NextRunTime']), /T07:00:00Z$/);
  const changed = await example('Change its schedule');
  assert.match(String(changed['NextRunTime']), /T06:30:00Z$/);
  assert.equal(changed['Schedule'], { Type: 'Continuous', Time: '06:30:00', Period: {} });
  const triggered = await example('Run it at once');
  assert.is((triggered['LastTrigger'] as JsonObject)['Outcome'], 'Accepted');
  const stands = await until(async () => {
    const job = await example('Read how it stands');
    return job['Status'] === 'Completed' ? job : null;
  });
  assert.is(stands['ExecutionCount'], 1);
  const service = await example('List the jobs');
  assert.is(
    (service['ServiceCapabilities'] as JsonObject)['TotalJobs'],
    DEMO_JOBS + 2,
    'the two that were created, too',
  );
  const resized = await example('Let ten jobs run at once');
  assert.is((resized['ServiceCapabilities'] as JsonObject)['WorkerPoolSize'], 10);
  await example('Delete a job');
  const remote = /remote +(\S+)/.exec(told)?.[1] ?? '';
  const { stdout } = await run('git', ['-C', remote, 'log', '--author=demo', '--reverse', '--format=%an: %s', 'main']);
  assert.equal(stdout.trim().split('\n'), [
    'demo: Create job quiet-weekend',
    'demo: Create job morning-performance',
    'demo: Change job morning-performance: Schedule',
    'demo: Trigger job morning-performance',
    'demo: Set WorkerPoolSize to 10',
    'demo: Delete job quiet-weekend',
  ]);
});

test.run();
