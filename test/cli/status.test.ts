import { mkdirSync, rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type StatusOptions, status } from '../../controller/cli/status.ts';
import { systemClock } from '../../controller/clock.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { type Status, statusDocument } from '../../definitions/status.ts';
import { print } from '../../definitions/yaml/document.ts';
import {
  commit,
  createGitFolder,
  GIT_ENVIRONMENT,
  git,
  remoteAndClone,
  until,
  workTree,
} from '../support/git-folder.ts';
import { job, machines, sink, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const at = createGitFolder();
test.after(() => at.remove());

/** The text of a status file of the job `id`. */
function file(id: string, more: Partial<Status> = {}): string {
  const { fleet } = view({ 'machines/all.yaml': machines(1), [`jobs/${id}.yaml`]: job() });
  const found = fleet.jobs.get(id);
  if (!found) throw new Error(id);
  return print([statusDocument({ ...accepted(found, NOW, new Date('2026-03-10T22:00:00Z')), ...more })]);
}

const FAILED: Partial<Status> = {
  Status: 'Failed',
  LastRun: {
    RunID: 'bad@x',
    Trigger: 'Schedule',
    NominalTime: '2026-03-09T22:00:00Z',
    StartTime: '2026-03-09T22:00:00Z',
    EndTime: '2026-03-09T22:00:05Z',
    Succeeded: 0,
    Failed: 1,
    FailedMachines: ['m1: permanent: \u001b[31mno'],
  },
};
const FILES = { 'jobs/good.status.yaml': file('good'), 'jobs/bad.status.yaml': file('bad', FAILED) };

async function told(folder: string, options: Partial<StatusOptions> = {}, isTTY = false) {
  const out = sink(isTTY);
  const err = sink();
  const given = {
    folder,
    jobs: [],
    format: 'text' as const,
    fetch: false,
    failed: false,
    exitCode: false,
    watch: false,
    environment: GIT_ENVIRONMENT,
    clock: systemClock,
    color: false,
  };
  const code = await status({ ...given, ...options, out, err });
  return { code, out: out.text, err: err.text };
}

test('status: a table of the jobs, with what is wrong, safe for a terminal', async () => {
  const { code, out } = await told(workTree(at.path('table'), FILES));
  assert.is(code, 0);
  assert.equal(out.split('\n'), [
    'JOB   STATUS   LAST RUN  NEXT RUN              RUNS',
    'bad   Failed   -         2026-03-10T22:00:00Z  0     1 of 1 machines failed: m1: permanent: \\u001b[31mno',
    'good  Pending  -         2026-03-10T22:00:00Z  0',
    '',
  ]);
});

test('status: JSON is the status files as they are', async () => {
  const { out } = await told(workTree(at.path('json'), FILES), { format: 'json', jobs: ['good'] });
  const documents = JSON.parse(out) as Status[];
  assert.equal(
    documents.map(({ Id, Status: is, Schedule }) => [Id, is, Schedule.Time]),
    [['good', 'Pending', '22:00:00']],
  );
});

test('status: a job without status: exit 1, and the one that was meant', async () => {
  const { code, err } = await told(workTree(at.path('unknown'), FILES), { jobs: ['goood'] });
  assert.is(code, 1);
  assert.match(err, 'did you mean "good"?');
});

test('status: what is not a status file is left out, and said', async () => {
  const { code, out, err } = await told(
    workTree(at.path('odd'), { ...FILES, 'jobs/odd.status.yaml': 'hello: there\n' }),
  );
  assert.is(code, 0);
  assert.match(err, 'jobs/odd.status.yaml is no status file that bmcron wrote');
  assert.is(out.split('\n').length, 4);
});

test('status: from a branch of its own, and from the remote', async () => {
  const { bare, human } = remoteAndClone(at, { 'machines/all.yaml': machines(1) });
  git(human, 'checkout', '--quiet', '--orphan', 'bmcron-status');
  commit(human, FILES);
  git(human, 'push', '--quiet', 'origin', 'bmcron-status');
  git(human, 'checkout', '--quiet', 'main');
  assert.match((await told(human, { branch: 'bmcron-status' })).out, 'good  Pending');
  const other = at.path('other');
  git(at.root, 'clone', '--quiet', bare, other);
  commit(human, FILES);
  git(human, 'push', '--quiet', 'origin', 'main');
  assert.match((await told(other)).out, 'no status yet');
  assert.match((await told(other, { fetch: true })).out, 'good  Pending');
});

test('status --watch tells again when it changes, and only then', async () => {
  const folder = workTree(at.path('watch'), FILES);
  const [out, err, stop] = [sink(), sink(), new AbortController()];
  const given = {
    folder,
    jobs: ['good'],
    format: 'json' as const,
    fetch: false,
    failed: false,
    exitCode: false,
    environment: GIT_ENVIRONMENT,
    clock: systemClock,
    color: false,
  };
  const done = status({ ...given, watch: true, signal: stop.signal, out, err });
  const lines = () => out.text.split('\n').length - 1;
  await until(() => lines() === 1);
  commit(folder, { 'README.md': 'no fact' });
  commit(folder, { 'jobs/good.status.yaml': file('good', { Status: 'Running' }) });
  await until(() => lines() === 2);
  stop.abort();
  assert.is(await done, 0);
  assert.equal(
    out.text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Status[])[0]?.Status),
    ['Pending', 'Running'],
  );
});

const LONG = 'permanent: it said no, and went on to say so in many more words than fit on the line of a terminal';
const MANY: Partial<Status> = {
  Status: 'Failed',
  LastRun: {
    ...(FAILED.LastRun as NonNullable<Status['LastRun']>),
    Failed: 2,
    FailedMachines: [`m1: ${LONG}`, 'm2: no'],
  },
};

test('#22.9 status: each failed machine is named, and nothing is cut but on a terminal', async () => {
  const folder = workTree(at.path('long'), { 'jobs/bad.status.yaml': file('bad', MANY) });
  assert.match((await told(folder)).out, `2 of 2 machines failed: m1: ${LONG}; m2: no\n`);
  assert.match((await told(folder, {}, true)).out, /2 of 2 machines failed: m1, m2: permanent: it said no.*…\n/);
});

test('#22.9 status: manifests that are refused are told, with their places', async () => {
  const folder = workTree(at.path('refused'), {
    ...FILES,
    'machines/all.yaml': machines(1),
    'jobs/good.yaml': job(),
    'jobs/new.yaml': job({ profile: 'Turbo' }),
    'jobs/torn.yaml': '[',
  });
  const { code, out } = await told(folder);
  assert.is(code, 0);
  assert.match(out, /\n\n2 errors in 2 files: refused, see bmcron validate\n {2}jobs\/new\.yaml:6:23 {2}Payload/);
  assert.match(out, /\n {2}jobs\/torn\.yaml:1:\d+ {2}\$ {2}/);
  assert.not.match((await told(folder, { jobs: ['good'] })).out, 'refused');
});

test('#22.9 status: a folder that is there is not said to be missing', async () => {
  const plain = at.path('plain-empty');
  mkdirSync(plain);
  const empty = await told(plain);
  assert.is(empty.code, 3);
  assert.match(empty.err, /there is no fleet in .*plain-empty: it has neither jobs/);
  const inGit = await told(workTree(at.path('no-fleet'), { 'README.md': 'x' }));
  assert.is(inGit.code, 3);
  assert.match(inGit.err, 'there is no fleet in');
  mkdirSync(at.path('plain-empty', 'machines'));
  const fleet = await told(plain);
  assert.equal([fleet.code, fleet.out.slice(0, 13)], [0, 'no status yet']);
  assert.match((await told(at.path('not-there'))).err, /there is no folder .*not-there/);
});

test('status: in a folder without Git, from the files; nowhere: exit 3', async () => {
  const folder = workTree(at.path('plain'), FILES);
  rmSync(`${folder}/.git`, { recursive: true });
  assert.match((await told(folder)).out, 'good  Pending');
  const nowhere = await told(at.path('nowhere'));
  assert.is(nowhere.code, 3);
});

test('#19 status --failed: what is in trouble alone, each error whole and on a line of its own', async () => {
  const skipped = { ...(FAILED.LastRun as NonNullable<Status['LastRun']>), Failed: 0, FailedMachines: [], Skipped: 1 };
  const folder = workTree(at.path('trouble'), {
    ...FILES,
    'jobs/many.status.yaml': file('many', MANY),
    'jobs/out.status.yaml': file('out', {
      Status: 'Completed',
      LastRun: { ...skipped, SkippedMachines: ['m1: Frozen'] },
    }),
    'jobs/torn.yaml': '[',
  });
  const { code, out } = await told(folder, { failed: true }, true);
  assert.is(code, 0);
  assert.match(
    out,
    `many  Failed  -\n  m1: ${LONG}\n  m2: no\n\nout  Completed  -\n  skipped on 1 machine: m1: Frozen\n`,
  );
  assert.not.match(out, 'good');
  assert.match(out, /\n1 error in 1 file: refused/);
  const json = JSON.parse((await told(folder, { failed: true, format: 'json' })).out) as readonly { Id: string }[];
  assert.equal(
    json.map(({ Id }) => Id),
    ['bad', 'many', 'out'],
  );
  assert.is((await told(folder, { failed: true, jobs: ['good'] })).out, 'nothing is in trouble\n');
});

for (const [what, files, jobs, expected] of [
  ['a failed job', FILES, [], 1],
  ['a failed job that is not asked for', FILES, ['good'], 0],
  ['all is well', { 'jobs/good.status.yaml': file('good') }, [], 0],
  ['a manifest that is refused', { 'jobs/good.status.yaml': file('good'), 'jobs/torn.yaml': '[' }, [], 1],
] as const) {
  test(`#19 status --exit-code: ${what}: ${expected}`, async () => {
    const folder = workTree(at.path(`exit-${what}`), files);
    assert.is((await told(folder, { exitCode: true, jobs })).code, expected);
    assert.is((await told(folder, { jobs })).code, 0, 'unless it is asked, it tells');
  });
}

test.run();
