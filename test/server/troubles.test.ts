import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRecentRuns } from '../../controller/server/recent-runs.ts';
import { hostList } from '../../controller/server/views/host-list.ts';
import { jobView } from '../../controller/server/views/job-view.ts';
import { machineView } from '../../controller/server/views/machine-view.ts';
import { haltedText, rolloutView } from '../../controller/server/views/rollout-view.ts';
import { runView } from '../../controller/server/views/run-view.ts';
import { createTroubles, summaryOf, troublesPage } from '../../controller/server/views/troubles.ts';
import type { Job, JobSpec } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { Machine } from '../../definitions/machine.ts';
import { beginEffect, halt, pass, promote } from '../../definitions/rollout/facts.ts';
import { type Claim, type Skip, succeeded } from '../../definitions/run.ts';
import { logRecord } from '../../definitions/run-log.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import type { RolloutFacts } from '../../definitions/status.ts';

const REFUSED = 'transient: https://10.0.0.1: connection refused';
const NOW = new Date('2026-03-20T00:00:00Z');

/** A fleet of which the journal tells: jobs by name with their machines. */
function openFleet(jobs: Readonly<Record<string, readonly string[]>>) {
  const agenda = createAgenda();
  const recentRuns = createRecentRuns();
  const ids = [...new Set(Object.values(jobs).flat())];
  const machines = new Map(ids.map((ID): [string, Machine] => [ID, machine(ID)]));
  const inForce = { machines, sources: new Map(), problems: [], settings: DEFAULT_SETTINGS };
  const state = { seq: 0 };
  const note = (record: JournalRecord) => {
    state.seq += 1;
    recentRuns.note([{ seq: state.seq, record }]);
  };
  const put = (id: string, reached: readonly string[]) => {
    const spec: JobSpec = {
      Name: id,
      Machines: reached,
      Action: 'PatchProfile',
      Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
      Schedule: { Type: 'Continuous', Time: '22:00:00' },
    };
    const source = { file: `jobs/${id}.yaml`, document: 0, blob: 'b' };
    const job: Job = { id, spec, machines: reached, version: version(spec), source, commit: 'c' };
    agenda.put(job, accepted(job, NOW, null));
  };
  for (const [id, reached] of Object.entries(jobs)) put(id, reached);
  const troubles = createTroubles({ agenda, inForce, last: recentRuns.last });
  return { agenda, recentRuns, inForce, machines, note, put, troubles, holds: () => [], last: recentRuns.last };
}

function machine(ID: string): Machine {
  return { ID, Type: 'Extend', Endpoint: 'https://user:secret@10.0.0.1:8443', Timeout: '60s', Labels: { Site: 'ams' } };
}

/** The records of a run: what became of each machine, null for success. */
function ran(job: string, day: number, errors: Readonly<Record<string, string | null>>, skips: readonly Skip[] = []) {
  const start = `2026-03-${String(day).padStart(2, '0')}T22:00:00Z`;
  const run = `${job}@${start}`;
  const reached = [...Object.keys(errors), ...skips.map((skip) => skip.machine)];
  const claim: Claim = {
    run,
    job,
    trigger: 'Schedule',
    nominal: start,
    start,
    action: 'PatchProfile',
    machines: reached,
    commit: 'c',
  };
  const results = Object.entries(errors).map(([id, error]): JournalRecord => {
    const outcome = error === null ? 'Applied' : 'Unreachable';
    assert.is(succeeded(outcome), error === null);
    const log = logRecord(claim, { machine: id, outcome, entries: [], error }, 1, new Date(start), 1_000);
    return { kind: 'result', run, outcome, path: `logs/${run}-${id}.json`, log };
  });
  const failures = Object.values(errors).filter((error) => error !== null).length;
  const records: JournalRecord[] = [
    { kind: 'claim', claim },
    ...results,
    ...skips.map((skip): JournalRecord => ({ kind: 'skip', run, skip })),
    { kind: 'finish', run, job, end: start, succeeded: results.length - failures, failed: [], failures },
  ];
  return records;
}

test('a machine is in trouble while a job failed there last, since the first failure in a row', () => {
  const { note, troubles } = openFleet({ nightly: ['m1', 'm2'] });
  for (const record of ran('nightly', 10, { m1: null, m2: REFUSED })) note(record);
  for (const record of ran('nightly', 11, { m1: REFUSED, m2: REFUSED })) note(record);
  for (const record of ran('nightly', 12, { m1: REFUSED, m2: null })) note(record);
  const [group, ...others] = troubles().groups;
  assert.is(others.length, 0);
  assert.equal(group?.troubles, [
    {
      machine: 'm1',
      job: 'nightly',
      run: 'nightly@2026-03-12T22:00:00Z',
      error: REFUSED,
      at: '2026-03-12T22:00:00Z',
      since: '2026-03-11T22:00:00Z',
    },
  ]);
  assert.equal([...troubles().byMachine], [['m1', 'connection refused']]);
  for (const record of ran('nightly', 13, { m1: null })) note(record);
  assert.is(troubles().total, 0);
});

test('what the guards let not begin is in trouble, what a window skipped is not', () => {
  const { note, troubles } = openFleet({ nightly: ['m1', 'm2'] });
  const skips: Skip[] = [
    { machine: 'm1', reason: 'GuardRefused', message: 'GuardRefused Identity: m1 has none' },
    { machine: 'm2', reason: 'Frozen', message: 'Frozen by Year end' },
  ];
  for (const record of ran('nightly', 10, {}, skips)) note(record);
  assert.equal([...troubles().byMachine], [['m1', 'GuardRefused Identity: … has none']]);
});

test('a job that is gone, or reaches the machine no more, leaves no trouble behind', () => {
  const { note, troubles, agenda, put, machines, inForce } = openFleet({
    nightly: ['m1'],
    other: ['m1'],
    third: ['m1'],
  });
  for (const job of ['nightly', 'other', 'third']) for (const record of ran(job, 10, { m1: REFUSED })) note(record);
  const before = troubles();
  assert.is(before.total, 3);
  assert.is(troubles(), before, 'nothing has changed');
  agenda.remove('nightly');
  assert.is(troubles().total, 2);
  put('other', ['m2']);
  assert.is(troubles().total, 1);
  inForce.machines = new Map([...machines].filter(([id]) => id !== 'm1'));
  assert.is(troubles().total, 0);
});

test('a failed last run of which nothing but its status is known is told by that', () => {
  const { agenda, troubles } = openFleet({ nightly: ['m1', 'm2'] });
  const [job, status] = [agenda.jobs.get('nightly'), agenda.status('nightly')];
  if (!job || !status) return assert.unreachable();
  const LastRun = {
    RunID: 'nightly@2026-01-01T00:00:00Z',
    Trigger: 'Schedule',
    NominalTime: '2026-01-01T00:00:00Z',
    StartTime: '2026-01-01T00:00:00Z',
    EndTime: '2026-01-01T00:00:01Z',
    Succeeded: 1,
    Failed: 1,
    FailedMachines: [`m2: ${REFUSED}`],
  } as const;
  agenda.put(job, { ...status, Status: 'Failed', LastRun });
  assert.equal([...troubles().byMachine], [['m2', 'connection refused']]);
});

test('a retry that did well ends a trouble, also once its manifest is gone; another payload does not', () => {
  const { note, troubles, agenda } = openFleet({ nightly: ['m1'], retry: ['m1'], other: ['m1'] });
  const other = agenda.jobs.get('other');
  const facts = agenda.status('other');
  if (!other || !facts) return assert.unreachable();
  agenda.put({ ...other, spec: { ...other.spec, Payload: [] } }, facts);
  for (const record of ran('retry', 9, { m1: null })) note(record);
  for (const record of ran('nightly', 10, { m1: REFUSED })) note(record);
  for (const record of ran('other', 11, { m1: null })) note(record);
  assert.is(troubles().total, 1);
  for (const record of ran('retry', 12, { m1: null })) note(record);
  assert.is(troubles().total, 0);
  agenda.remove('retry');
  for (const record of ran('other', 13, { m1: null })) note(record);
  assert.is(troubles().total, 0);
  for (const record of ran('nightly', 14, { m1: REFUSED })) note(record);
  assert.is(troubles().total, 1, 'it has failed again');
});

test('since when it fails is told by Git, too, as far as nothing has gone well in between', () => {
  const { note, recentRuns, troubles } = openFleet({ nightly: ['m1', 'm2'] });
  for (const record of ran('nightly', 12, { m1: REFUSED, m2: null })) note(record);
  for (const record of ran('nightly', 13, { m1: REFUSED, m2: REFUSED })) note(record);
  const logs = ran('nightly', 10, { m1: REFUSED, m2: REFUSED }).flatMap((record) => {
    return record.kind === 'result' ? [{ path: record.path, log: record.log }] : [];
  });
  const start = '2026-03-10T22:00:00Z';
  const times = { start, end: start, trigger: null, nominal: null };
  recentRuns.recall([{ run: 'past', job: 'nightly', succeeded: 0, failures: 2, skips: 0, logs, ...times }]);
  assert.equal(
    troubles().groups[0]?.troubles.map(({ machine, since }) => [machine, since]),
    [
      ['m1', start],
      ['m2', '2026-03-13T22:00:00Z'],
    ],
  );
});

test('what a page is told is bounded, and the rest can be asked for', () => {
  const ids = Array.from({ length: 500 }, (_, index) => `m${index}`);
  const { note, troubles } = openFleet({ nightly: ids });
  for (const record of ran('nightly', 10, Object.fromEntries(ids.map((id) => [id, REFUSED])))) note(record);
  const summary = summaryOf(troubles());
  assert.equal([summary.total, summary.machines, summary.reasons], [500, 500, 1]);
  assert.equal([summary.groups[0]?.total, summary.groups[0]?.troubles.length], [500, 12]);
  assert.is(troublesPage(troubles(), 'connection refused', 0)?.troubles.length, 200);
  assert.is(troublesPage(troubles(), 'connection refused', 400)?.troubles.length, 100);
  assert.is(troublesPage(troubles(), 'something else', 0), null);
});

test('a view of a machine has no login, the failing job first, and what reaches it no more apart', async () => {
  const fleet = openFleet({ a: ['m1'], b: ['m1'], gone: ['m1'] });
  for (const record of ran('gone', 19, { m1: null })) fleet.note(record);
  for (const record of ran('a', 11, { m1: null })) fleet.note(record);
  for (const record of ran('b', 10, { m1: REFUSED })) fleet.note(record);
  fleet.agenda.remove('gone');
  const view = await machineView('m1', fleet);
  assert.not.match(JSON.stringify(view), /secret/);
  assert.equal([view?.inventory?.host, view?.inventory?.site], ['10.0.0.1:8443', 'ams']);
  assert.equal(
    view?.jobs.map(({ id, last }) => [id, last?.since ?? null]),
    [
      ['b', '2026-03-10T22:00:00Z'],
      ['a', null],
    ],
  );
  assert.equal(
    view?.former.map(({ job }) => job),
    ['gone'],
  );
  assert.is(await machineView('m9', fleet), null);
});

test('a view of a job has its failing machines first, 200 at a time', () => {
  const ids = Array.from({ length: 250 }, (_, index) => `m${index}`);
  const fleet = openFleet({ nightly: ids });
  for (const record of ran('nightly', 10, { m249: REFUSED, m0: null })) fleet.note(record);
  const options = { ...fleet, now: () => NOW };
  const view = jobView('nightly', 0, options);
  assert.equal([view?.machines.length, view?.total, view?.machines[0]?.machine], [200, 250, 'm249']);
  assert.equal(view?.failing, ['m249']);
  assert.is(jobView('nightly', 200, options)?.machines.length, 50);
  assert.is(view?.next[0]?.time, '2026-03-20T22:00:00Z');
  assert.is(jobView('none', 0, options), null);
});

test('a machine whose part was skipped does not wait in the view of its run', () => {
  const fleet = openFleet({ nightly: ['m1', 'm2'] });
  const skips: Skip[] = [{ machine: 'm2', reason: 'Frozen', message: 'Frozen by Year end' }];
  for (const record of ran('nightly', 10, { m1: null }, skips)) fleet.note(record);
  const view = runView('nightly@2026-03-10T22:00:00Z', 0, fleet.recentRuns);
  assert.equal(view?.waiting, []);
  assert.equal(view?.skips, skips);
});

test('the waves of a rollout have their machines, and say how far it has come and why it stands still', () => {
  const fleet = openFleet({ nightly: ['m1', 'm2', 'm3'] });
  const [plain, facts] = [fleet.agenda.jobs.get('nightly'), fleet.agenda.status('nightly')];
  if (!plain || !facts) return assert.unreachable();
  const Waves = [
    { Name: 'canary', Machines: ['m2'] },
    { Name: 'site', MachineSelector: { MatchLabels: { Site: 'ams' } }, MaxFailures: 1 },
    { Name: 'rest', Rest: true },
  ] as const;
  const job: Job = { ...plain, spec: { ...plain.spec, Rollout: { Waves } } };
  const begun = beginEffect(null, { effect: 'e', waves: 'w' });
  const at = (Rollout: RolloutFacts) => {
    const view = rolloutView(job, { ...facts, Rollout }, fleet.machines);
    return view?.waves.map(({ name, state, machines }) => `${name} ${state} ${machines}`);
  };
  assert.equal(at(begun), ['canary next m2', 'site coming m1,m3', 'rest coming ']);
  const passed = pass(begun, { Failed: 0, Unreachable: 0 }, 1);
  assert.equal(at(passed), ['canary passed m2', 'site next m1,m3', 'rest coming ']);
  const halted = halt(passed, 'WaveFailed', ['m1'], NOW);
  assert.equal(at(halted), ['canary passed m2', 'site halted m1,m3', 'rest coming ']);
  assert.match(haltedText(job, { ...facts, Rollout: halted }) ?? '', /halted at site since 2026-03-20T/);
  assert.is(haltedText(job, { ...facts, Rollout: passed }), null);
  const promoted = promote(passed, { Commit: 'c', File: 'f' }, ['m1']);
  assert.equal(at(promoted), ['canary passed m2', 'site passed m1,m3', 'rest passed ']);
  assert.is(rolloutView(plain, facts, fleet.machines), null);
});

/** Lists of machines, and how they are written. */
const LISTS: readonly (readonly [ids: readonly string[], text: string])[] = [
  [[], ''],
  [['gate'], 'gate'],
  [['m2', 'm1', 'm3', 'm5'], 'm[1-3],m5'],
  [['m8', 'm9', 'm10', 'm11'], 'm[8-9],m[10-11]'],
  [['r1-n09', 'r1-n10', 'r2-n11'], 'r1-n[09-10],r2-n11'],
  [['a.1', 'a-2', 'gate'], 'a-2,a.1,gate'],
];
for (const [ids, text] of LISTS) test(`a list of hosts: ${text}`, () => assert.is(hostList(ids), text));

test.run();
