import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fleetAround } from '../../controller/cli/fleet/fleet-folder.ts';
import { commit, createGitFolder, GIT_ENVIRONMENT, git, workTree } from '../support/git-folder.ts';
import { job, machines } from '../support/pull-request.ts';

const ROOT = join(import.meta.dirname, '../..');
const at = createGitFolder();
test.after(() => at.remove());

/** The program as a shell starts it. */
function bmcron(args: readonly string[], cwd = at.root): Promise<{ code: number | null; out: string; err: string }> {
  const command = [
    '--import',
    join(ROOT, 'node_modules/tsx/dist/loader.mjs'),
    join(ROOT, 'controller/main.ts'),
    ...args,
  ];
  const child = spawn(process.execPath, command, { cwd, env: GIT_ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
  const told = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (told.out += chunk));
  child.stderr.on('data', (chunk) => (told.err += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...told })));
}

test('--help of each command shows an example of it, and lists its formats', async () => {
  const { out } = await bmcron(['--help']);
  const commands = [...out.matchAll(/^ {2}([a-z-]+)(?: \[options\]| <)/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'help');
  for (const name of [
    'run',
    'validate',
    'plan',
    'next',
    'status',
    'trigger',
    'probe',
    'init',
    'schema',
    'demo',
    'simulate-bmc',
    'describe',
    'machines',
    'logs',
    'explain',
  ]) {
    assert.ok(commands.includes(name), `${name} is among ${commands.join()}`);
  }
  const helps = await Promise.all(commands.map((name) => bmcron([name, '--help'])));
  for (const [index, name] of commands.entries()) {
    assert.is(helps[index]?.code, 0);
    assert.match(helps[index]?.out ?? '', new RegExp(`\nExample: (source <\\()?bmcron ${name}`));
  }
});

test('plan, validate, trigger and schema by the command line, with the exit codes of each', async () => {
  const folder = workTree(at.path('fleet'), { 'sub/machines/all.yaml': machines(1), 'sub/jobs/nightly.yaml': job() });
  git(folder, 'config', 'user.name', 'Ada');
  git(folder, 'config', 'user.email', 'ada@example.com');
  commit(folder, { 'sub/jobs/nightly.yaml': job({ time: '23:00:00' }) });
  const planned = await bmcron(
    ['plan', '--base', 'HEAD~1', '--path', 'sub', '--format', 'json', '--count', '1'],
    folder,
  );
  assert.is(planned.code, 0, planned.err);
  assert.is(JSON.parse(planned.out).changes[0].op, 'change');
  const triggered = await bmcron(['trigger', 'nightly', folder, '--path', 'sub', '--format', 'json'], at.root);
  assert.is(triggered.code, 0, triggered.err);
  assert.is(JSON.parse(triggered.out).commit, git(folder, 'rev-parse', 'HEAD'));
  commit(folder, { 'sub/jobs/nightly.yaml': job({ profile: 'Turbo' }) });
  assert.is((await bmcron(['validate', '--path', 'sub', '--format', 'github'], folder)).code, 1);
  assert.is((await bmcron(['plan', '--base', 'HEAD~1', '--path', 'sub'], folder)).code, 1);
  const schema = await bmcron(['schema', 'job']);
  assert.match(String(JSON.parse(schema.out).title), 'job');
});

test('#22.6 the fleet is found upward from a folder inside it, and no fleet is exit 3', async () => {
  const files = { 'fleet/machines/all.yaml': machines(1), 'fleet/jobs/machines/nightly.yaml': job(), 'docs/a.md': 'a' };
  const folder = workTree(at.path('upward'), files);
  commit(folder, { 'fleet/jobs/machines/nightly.yaml': job({ profile: 'Balanced' }) });
  const fleet = join(folder, 'fleet');
  for (const inside of ['.', 'jobs/machines', 'machines']) assert.is(fleetAround(join(fleet, inside)), fleet, inside);
  const planned = await bmcron(['plan', '--base', 'HEAD~1', '--format', 'json'], join(fleet, 'jobs/machines'));
  assert.is(JSON.parse(planned.out).changes[0].job, 'machines.nightly');
  const validated = await bmcron(['validate', '--min-jobs', '1'], join(fleet, 'jobs'));
  assert.equal([validated.code, validated.out], [0, 'valid: 1 job, 1 machine\n']);
  for (const [args, where] of [
    [['plan', '--base', 'HEAD~1'], 'docs'],
    [['validate', '--path', 'docs'], '.'],
    [['next'], '.'],
    [['probe'], 'docs'],
  ] as const) {
    const none = await bmcron(args, join(folder, where));
    assert.equal([none.code, none.out], [3, ''], args.join(' '));
    assert.match(none.err, 'there is no fleet in');
  }
});

test('wrong usage ends with 2, and says what is allowed', async () => {
  for (const [args, message] of [
    [['schema', 'jobs'], 'Allowed choices are job, machine, defaults, window, settings, status, log'],
    [['plan', '--count', 'many'], 'whole number from 1 to 9999'],
    [['validate', '--path', '../x'], 'leaves the repository'],
  ] as const) {
    const { code, err } = await bmcron(args);
    assert.is(code, 2, args.join(' '));
    assert.match(err, message);
  }
});

test.run();
