// What became of the last runs, asked of the repository alone: `logs` and `describe`.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DescribeOptions, describe } from '../../controller/cli/describe.ts';
import { type LogsOptions, logs } from '../../controller/cli/logs.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { type LogRecord, logPath, printLog } from '../../definitions/run-log.ts';
import { statusDocument } from '../../definitions/status.ts';
import { print } from '../../definitions/yaml/document.ts';
import { createFakeClock } from '../support/clock.ts';
import { commit, createGitFolder, GIT_ENVIRONMENT, until, workTree } from '../support/git-folder.ts';
import { job, machines, sink, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-12T12:00:00Z');
const at = createGitFolder();
test.after(() => at.remove());

function record(MachineID: string, Timestamp: string, error: string | null = null, JobID = 'nightly'): LogRecord {
  const Result = { ManagerID: 'bmc', OldProfile: 'Performance', ...(error === null && { NewProfile: 'PowerSaver' }) };
  const Status = error === null ? 'success' : 'failed';
  return { JobID, MachineID, Action: 'PatchProfile', Status, Timestamp, ExecutionTime: '1.500s', Result, Error: error };
}

const OLD = record('m1', '2026-01-01T22:00:00Z');
const GOOD = record('m1', '2026-03-10T22:00:00Z');
const BAD = record('m2', '2026-03-11T22:00:00Z', 'connection refused (transient): \u001b[31mred');
const OTHER = record('m1', '2026-03-11T23:00:00Z', null, 'nightly_m2');

const fileOf = (log: LogRecord) => [logPath(log), printLog(log)] as const;

function fleet(): Record<string, string> {
  const manifests = {
    'machines/all.yaml': machines(2),
    'jobs/nightly.yaml': job({ machines: 'm1, m2' }),
    'jobs/nightly_m2.yaml': job(),
  };
  const found = view(manifests).fleet.jobs.get('nightly');
  if (!found) throw new Error('nightly is refused');
  const status = { ...accepted(found, NOW, new Date('2026-03-12T22:00:00Z')), Status: 'Failed' as const };
  return {
    ...manifests,
    'jobs/nightly.status.yaml': print([statusDocument(status)]),
    ...Object.fromEntries([OLD, GOOD, BAD, OTHER].map(fileOf)),
    'logs/2026/03/11/notes.json': '{}',
  };
}

const FOLDER = workTree(at.path('fleet'), fleet());

async function printed(options: Partial<LogsOptions> = {}, folder = FOLDER) {
  const [out, err] = [sink(), sink()];
  const code = await logs({
    folder,
    failed: false,
    since: '30d',
    count: 50,
    follow: false,
    fetch: false,
    signal: new AbortController().signal,
    format: 'text',
    environment: GIT_ENVIRONMENT,
    clock: createFakeClock(NOW.toISOString()),
    color: false,
    out,
    err,
    ...options,
  });
  return { code, out: out.text, err: err.text };
}

test('#19.2 logs: old → new and the whole error of each part, the newest last, safe for a terminal', async () => {
  const { code, out } = await printed();
  assert.is(code, 0);
  const took = 'PatchProfile  success  1.500s  bmc Profile "Performance" → "PowerSaver"';
  const why = 'bmc Profile "Performance" → ?; connection refused (transient): \\u001b[31mred';
  assert.equal(out.split('\n'), [
    'TIME                  JOB         MACHINE  ACTION        STATUS   TOOK',
    `2026-03-10T22:00:00Z  nightly     m1       ${took}`,
    `2026-03-11T22:00:00Z  nightly     m2       PatchProfile  failed   1.500s  ${why}`,
    `2026-03-11T23:00:00Z  nightly_m2  m1       ${took}`,
    '1 part of 3 failed',
    '',
  ]);
});

for (const [what, options, expected] of [
  ['of a job, not of one whose name begins with its', { job: 'nightly' }, [GOOD, BAD]],
  ['of a machine, not of a job that bears its name', { machine: 'm2' }, [BAD]],
  ['only what failed', { failed: true }, [BAD]],
  ['as far back as asked for', { since: '90d', job: 'nightly' }, [OLD, GOOD, BAD]],
  ['the last so many', { count: 1 }, [OTHER]],
  ['none within an hour', { since: '1h' }, []],
] as const) {
  test(`#19.2 logs: ${what}`, async () => {
    const { code, out } = await printed({ ...options, format: 'json' });
    assert.is(code, 0);
    assert.equal(
      JSON.parse(out),
      expected.map((log) => ({ path: logPath(log), ...log })),
    );
  });
}

for (const [what, options, code, message] of [
  ['a job that is not there', { job: 'nightli' }, 1, 'no job "nightli"; did you mean "nightly"?'],
  ['a machine that is not there', { machine: 'mm1' }, 1, 'no machine "mm1"; did you mean "m1"?'],
  ['no duration', { since: 'noon' }, 2, '--since "noon" is no duration: 90m, 24h or 7d, for example'],
  ['a branch that is not there', { branch: 'status' }, 3, 'there is no branch status here: fetch it first'],
] as const) {
  test(`#19.2 logs: ${what}: exit ${code}`, async () => {
    const told = await printed(options);
    assert.equal([told.code, told.out, told.err.trim()], [code, '', `bmcron logs: ${message}`]);
  });
}

test('#19.2 logs --follow: what is committed meanwhile is printed once, what was left out stays out', async () => {
  const folder = workTree(at.path('followed'), fleet());
  const [out, stop, clock] = [sink(), new AbortController(), createFakeClock(NOW.toISOString())];
  const options = { follow: true, count: 1, format: 'json', clock, signal: stop.signal, out } as const;
  const followed = printed(options, folder);
  await until(() => out.text.includes(OTHER.Timestamp));
  const next = record('m1', '2026-03-12T11:59:00Z');
  commit(folder, Object.fromEntries([fileOf(next)]));
  await until(() => {
    const wakes = clock.next();
    if (wakes) clock.advance(wakes);
    return out.text.includes(next.Timestamp);
  });
  stop.abort();
  assert.is((await followed).code, 0);
  const lines = out.text.trim().split('\n');
  assert.equal(
    lines.map((line) => JSON.parse(line).Timestamp),
    [OTHER.Timestamp, next.Timestamp],
  );
});

async function described(options: Partial<DescribeOptions> & Pick<DescribeOptions, 'name'>) {
  const [out, err] = [sink(), sink()];
  const given = { folder: FOLDER, format: 'text', fetch: false, environment: GIT_ENVIRONMENT, now: NOW } as const;
  const code = await describe({ ...given, out, err, ...options });
  return { code, out: out.text, err: err.text };
}

test('#19.2 describe a job: what it does, when, how it stands, what its last parts did', async () => {
  const { code, out } = await described({ name: 'nightly' });
  assert.is(code, 0);
  for (const line of [
    /^Job +nightly /m,
    /^Manifest +jobs\/nightly\.yaml$/m,
    /^Machines +2: m1, m2$/m,
    /^Next runs +2026-03-12T22:00:00Z /m,
    /^Status +Failed, 0 runs$/m,
    /^Last parts +2026-03-10T22:00:00Z success {2}bmc Profile "Performance" → "PowerSaver"/m,
    /2026-03-11T22:00:00Z failed .*connection refused \(transient\): \\u001b\[31mred {2}nightly m2 PatchProfile$/m,
  ]) {
    assert.match(out, line);
  }
});

test('#19.2 describe a machine: from a red machine to its reason', async () => {
  const { code, out } = await described({ name: 'm2' });
  assert.is(code, 0);
  for (const line of [
    /^Machine +m2/m,
    /^Endpoint +https:/m,
    /^Jobs +nightly {2}PatchProfile {2}next 2026-03-12T22:00:00Z {2}last 2026-03-11T22:00:00Z failed/m,
    /^Last failure +2026-03-11T22:00:00Z failed .*connection refused/m,
  ]) {
    assert.match(out, line);
  }
});

test('#19.2 describe: a job whose manifest is refused is described with its problems', async () => {
  const folder = workTree(at.path('refused'), { ...fleet(), 'jobs/nightly.yaml': job({ profile: 'Turbo' }) });
  const { code, out } = await described({ name: 'nightly', folder });
  assert.is(code, 0);
  assert.match(out, /^Manifest +none that is valid\nProblems +error jobs\/nightly\.yaml:\d+:\d+ Payload.*"Turbo"/m);
  assert.match(out, /^Next runs +its manifest is refused, or gone$/m);
});

test('#19.2 describe: JSON has both; a name that nobody bears is exit 1, with the nearest', async () => {
  const { job: found, machine } = JSON.parse((await described({ name: 'm1', format: 'json' })).out);
  assert.equal([found, machine.machine, machine.jobs.length], [null, 'm1', 2]);
  const unknown = await described({ name: 'nightlee' });
  assert.equal([unknown.code, unknown.out], [1, '']);
  assert.match(unknown.err, /neither a job nor a machine is named "nightlee"; did you mean "nightly"\?/);
});

test.run();
