import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job, JobSpec } from '../../definitions/job.ts';
import { withReadiness } from '../../definitions/lifecycle/conditions.ts';
import { restore } from '../../definitions/lifecycle/restore.ts';
import { finished } from '../../definitions/lifecycle/run-status.ts';
import { refusedTrigger } from '../../definitions/lifecycle/trigger.ts';
import { readStatus, type Status, statusDocument } from '../../definitions/status.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { claimOf, daily, endsOf, factsOf, jobOf } from '../support/jobs.ts';

const NOW = new Date('2026-03-10T22:00:00Z');
const tip = (more: Partial<JobSpec> = {}, place: Partial<Job['source']> = {}): Job => {
  const job = jobOf('a', more);
  return { ...job, source: { ...job.source, blob: 'tip', ...place }, commit: 'c9' };
};

/** What the status file tells, what the tip says → whether the job of the tip is in force as it stands. */
const RESTORED: readonly (readonly [string, Partial<Status>, Job | null, 'tip' | 'file'])[] = [
  ['the same', {}, tip(), 'tip'],
  ['a token is no difference', {}, tip({ Trigger: 't1' }), 'tip'],
  ['another Name', { Name: 'Other' }, tip(), 'file'],
  ['other machines', { Machines: ['machine-2'] }, tip(), 'file'],
  ['another action', { Action: 'PatchManager' }, tip(), 'file'],
  ['another payload', { Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'Balanced' } }] }, tip(), 'file'],
  ['another Time', { Schedule: daily({ Time: '09:00:00' }) }, tip(), 'file'],
  ['suspended there', { Suspended: true }, tip(), 'file'],
  ['suspended at the tip', {}, tip({ Suspend: true }), 'file'],
  ['suspended in both', { Suspended: true }, tip({ Suspend: true }), 'tip'],
  ['another document', {}, tip({}, { document: 1 }), 'file'],
  ['moved', {}, tip({}, { file: 'jobs/b.yaml' }), 'file'],
  ['refused or deleted at the tip', {}, null, 'file'],
];

for (const [title, told, job, expected] of RESTORED) {
  test(`R21 restored, ${title}: in force as ${expected === 'tip' ? 'the tip says it' : 'its status file tells'}`, () => {
    const status = factsOf(jobOf('a'), { AppliedCommit: 'c3', ...told });
    const jobs = new Map(job ? [[job.id, job]] : []);
    const { jobs: found, unreadable } = restore(new Map([['jobs/a.status.yaml', [status]]]), ['jobs/a.yaml'], jobs);
    assert.equal(unreadable, []);
    assert.is(found.length, 1);
    assert.equal(found[0]?.status, status);
    const { Name, Schedule, Machines, Suspended } = status;
    const { spec, commit, source } = found[0]?.job ?? jobOf('none');
    assert.is(commit, 'c3', 'in force since the commit that the status names');
    assert.equal(
      { Name: spec.Name, Schedule: spec.Schedule, Machines: spec.Machines, Suspended: spec.Suspend ?? false },
      { Name, Schedule, Machines, Suspended },
    );
    assert.is(source.blob, expected === 'tip' ? 'tip' : '');
  });
}

test('R32 R41 facts print as they stood, also where the tip says the same in another order', () => {
  const job = tip();
  const status = factsOf(job, {
    Payload: [{ Payload: { Profile: 'PowerSaver' }, ManagerID: 'bmc' }],
    Schedule: { Period: {}, Time: '22:00:00', Type: 'Continuous' },
  });
  const [found] = restore(new Map([['jobs/a.status.yaml', [status]]]), ['jobs/a.yaml'], new Map([['a', job]])).jobs;
  assert.is(found?.job.source.blob, 'tip', 'it says the same');
  assert.is(JSON.stringify(found?.status), JSON.stringify(status));
});

test('what facts and manifests have in common is in memory once', () => {
  const [first, second] = ['a', 'b'].map((id) => jobOf(id));
  const copy = (job: Job) => JSON.parse(JSON.stringify(factsOf(job))) as Status;
  if (!first || !second) throw new Error('two jobs');
  const files = new Map([first, second].map((job) => [`jobs/${job.id}.status.yaml`, [copy(job)]]));
  const { jobs } = restore(
    files,
    [first.source.file, second.source.file],
    new Map([first, second].map((job) => [job.id, job])),
  );
  for (const { job, status } of jobs)
    for (const key of ['Machines', 'Payload', 'Schedule'] as const) assert.is(status[key], job.spec[key], key);
  assert.is(jobs[0]?.status.Conditions, jobs[1]?.status.Conditions);
});

for (const [path, manifests, file] of [
  ['jobs/a.status.yaml', ['jobs/a.yaml'], 'jobs/a.yaml'],
  ['jobs/a.status.yaml', ['jobs/a.yml', 'jobs/b.yaml'], 'jobs/a.yml'],
  ['jobs/x/a.status.yaml', ['jobs/a.yaml', 'jobs/x/a.json'], 'jobs/x/a.json'],
  ['jobs/a.status.yaml', [], 'jobs/a.yaml'],
] as const) {
  test(`R32 ${path} belongs to ${file} where there is ${manifests.join(', ') || 'nothing'}`, () => {
    const { jobs } = restore(new Map([[path, [factsOf(jobOf('a'))]]]), manifests);
    assert.is(jobs[0]?.job.source.file, file);
  });
}

test('R41 of a file of several documents those that can be read are in force, and the file is told', () => {
  const all = [factsOf(jobOf('a.one')), null, factsOf(jobOf('a.three'))];
  const { jobs, unreadable } = restore(new Map([['jobs/a.status.yaml', all]]), ['jobs/a.yaml']);
  assert.equal(
    jobs.map(({ job }) => `${job.id} ${job.source.document}`),
    ['a.one 0', 'a.three 2'],
  );
  assert.equal(unreadable, ['jobs/a.status.yaml']);
});

const claim = claimOf(jobOf('a'), '2026-03-10T22:00:00Z');
const full = withReadiness(
  finished(
    refusedTrigger(refusedTrigger(factsOf(jobOf('a')), 't1', NOW, 'm'), 't2', NOW, 'm'),
    claim,
    endsOf(new Map([['machine-1', 'no answer']])),
    NOW,
    new Date('2026-03-11T22:00:00Z'),
  ),
  NOW,
);

test('R41 what the service wrote is read as it was', () => {
  for (const facts of [
    full,
    factsOf(jobOf('a')),
    factsOf(jobOf('a', { Schedule: { Type: 'Once', Time: '14:00:00' } })),
  ])
    assert.equal(readStatus(statusDocument(facts)), facts);
});

/** Fields of a status file, each with what a person may have put there. */
const EDITED: readonly (readonly [path: string, ...values: readonly (Json | undefined)[]])[] = [
  ['Id', undefined, null, 7, ['a']],
  ['Status', undefined, 'Done', null, ['Failed']],
  ['CreatedTime', undefined, null, 'yesterday', '2026-03-10', '2026-13-10T00:00:00Z', 5],
  ['LastRunTime', 'never', 5, '2026-03-10T22:00:00.5Z'],
  ['NextRunTime', 'soon', false, ['2026-03-10T22:00:00Z']],
  ['ExecutionCount', undefined, null, -1, 1.5, '3', 1e300],
  ['Machines', undefined, null, 'machine-1', [1], {}],
  ['Payload', undefined, null, 'x', ['x'], {}],
  ['Schedule', undefined, null, 'daily', []],
  ['Schedule.Period', 'x', 5, []],
  ['Schedule.Period.DaysOfWeek', 5, 'Monday', {}, [1]],
  ['Schedule.Period.DaysOfMonth', 5, ['1'], {}],
  ['Suspended', 'yes', 0, []],
  ['LastTrigger', 't1', 5, [], {}],
  ['LastTrigger.Before', 5, 't1', {}, [1]],
  ['LastRun', 'x', [], {}],
  ['LastRun.FailedMachines', undefined, null, 'machine-1', [null]],
  ['LastRun.Failed', undefined, -1, '1'],
  ['LastRun.StartTime', undefined, null, 'x'],
];

for (const [path, ...values] of EDITED) {
  for (const value of values) {
    test(`R41 a status file whose ${path} is ${JSON.stringify(value) ?? 'gone'} is none that the service wrote`, () => {
      assert.is(readStatus(edited(statusDocument(full) as JsonObject, path.split('.'), value)), null);
    });
  }
}

for (const [path, value] of [
  ['LastRunTime', undefined],
  ['NextRunTime', undefined],
  ['Suspended', undefined],
  ['Conditions', 'x'],
  ['Conditions', [5, { Type: 'Valid' }]],
  ['Missed', { a: 1 }],
  ['Missed', [null, 'x']],
  ['LastTrigger', undefined],
  ['LastRun', undefined],
  ['AppliedCommit', undefined],
] as const) {
  test(`R41 a status file whose ${path} is ${JSON.stringify(value) ?? 'gone'} tells the rest`, () => {
    const facts = readStatus(edited(statusDocument(full) as JsonObject, [path], value));
    assert.is(facts?.ExecutionCount, full.ExecutionCount);
    assert.equal([facts?.Missed, facts?.Id, facts?.Suspended], [[], 'a', false]);
    if (path === 'Conditions') assert.equal(facts?.Conditions, []);
  });
}

for (const document of [null, 'x', 5, [], {}, [{ Id: 'a' }]] as const)
  test(`R41 ${JSON.stringify(document)} is no status`, () => assert.is(readStatus(document), null));

/** A copy in which one field is another. */
function edited(document: JsonObject, [key = '', ...rest]: readonly string[], value: Json | undefined): JsonObject {
  const { [key]: was, ...others } = document;
  const inner = rest.length > 0 ? edited(was as JsonObject, rest, value) : value;
  return inner === undefined ? others : { ...others, [key]: inner };
}

test.run();
