import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job, JobSpec } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { apply } from '../../definitions/lifecycle/apply.ts';
import { lastGood } from '../../definitions/lifecycle/last-good.ts';
import { displaced, plan } from '../../definitions/lifecycle/plan.ts';

const NOW = new Date('2026-03-10T10:00:00Z');

function job(id: string, change: Partial<JobSpec> = {}, blob = JSON.stringify([id, change])): Job {
  const spec: JobSpec = {
    Name: 'Nightly',
    Machines: ['machine-1'],
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    Schedule: { Type: 'Continuous', Time: '22:00:00', Period: {} },
    ...change,
  };
  const source = { file: `jobs/${id}.yaml`, document: 0, blob };
  return { id, spec, machines: spec.Machines ?? [], version: version(spec), source, commit: 'c1' };
}

const jobs = (...all: readonly Job[]) => new Map(all.map((each) => [each.id, each]));
const at = (Time: string) => ({ Schedule: { Type: 'Continuous' as const, Time, Period: {} } });

/** What is in force, what a commit asks for, the changes as `op id`. */
const TABLE: readonly (readonly [string, ReadonlyMap<string, Job>, ReadonlyMap<string, Job>, readonly string[]])[] = [
  ['R18 nothing, a job', jobs(), jobs(job('a')), ['add a']],
  ['R20 a job, nothing', jobs(job('a')), jobs(), ['remove a']],
  ['the same', jobs(job('a')), jobs(job('a')), []],
  ['R19 another Time', jobs(job('a')), jobs(job('a', at('09:00:00'))), ['change a']],
  ['R19 another Name', jobs(job('a')), jobs(job('a', { Name: 'B' })), ['edit a']],
  ['R19 suspended', jobs(job('a')), jobs(job('a', { Suspend: true })), ['edit a']],
  ['R19 a token', jobs(job('a')), jobs(job('a', { Trigger: 't' })), ['edit a']],
  ['R20 moved as it is', jobs(job('a', {}, 'x')), jobs(job('b', {}, 'x')), ['rename b']],
  ['R20 moved and changed', jobs(job('a', {}, 'x')), jobs(job('b', at('09:00:00'), 'y')), ['add b', 'remove a']],
  ['R20 copied', jobs(job('a', {}, 'x')), jobs(job('a', {}, 'x'), job('b', {}, 'x')), ['add b']],
  ['R20 moved while nobody looked', jobs(job('a', {}, '')), jobs(job('b', {}, 'x')), ['rename b']],
  [
    'two of the same moved',
    jobs(job('a', {}, 'x'), job('b', {}, 'x')),
    jobs(job('c', {}, 'x')),
    ['rename c', 'remove b'],
  ],
];

for (const [title, current, desired, expected] of TABLE) {
  test(`plan: ${title}`, () => {
    const changes = plan(current, desired).map(
      (change) => `${change.op} ${'job' in change ? change.job.id : change.was.id}`,
    );
    assert.equal(changes, expected);
  });
}

const anyJob = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    Time: fc.constantFrom('09:00:00', '10:00:00', '22:00:00'),
    Name: fc.constantFrom('One', 'Two'),
    Suspend: fc.boolean(),
    Trigger: fc.option(fc.constantFrom('t1', 't2'), { nil: undefined }),
  })
  .map(({ id, Time, Name, Suspend, Trigger }) => {
    const change = { ...at(Time), Name, Suspend, ...(Trigger && { Trigger }) };
    return job(id, change, JSON.stringify(change));
  });
const anyFleet = fc.array(anyJob, { maxLength: 6 }).map((all) => jobs(...all));

test('R18 what is planned and applied is what was asked for, and then there is nothing more to plan', () => {
  fc.assert(
    fc.property(anyFleet, anyFleet, (first, second) => {
      const agenda = createAgenda();
      for (const desired of [first, second]) {
        apply(agenda, plan(agenda.jobs, desired), { now: NOW, timeZone: 'UTC' });
        assert.equal(new Map([...agenda.jobs].sort()), new Map([...desired].sort()));
        assert.equal(plan(agenda.jobs, desired), []);
        for (const { id, spec } of desired.values()) {
          const status = agenda.status(id);
          assert.is(status?.Suspended, spec.Suspend ?? false);
          assert.ok(status?.NextRunTime && new Date(status.NextRunTime) > NOW, 'R12 strictly later than now');
        }
      }
    }),
  );
});

test('R21 what is refused keeps its last good version, what is absent does not', () => {
  const current = jobs(job('bad'), job('gone'));
  const kept = lastGood(current, jobs(job('new')), (each) => each.id === 'bad');
  assert.equal([...kept.keys()].sort(), ['bad', 'new']);
});

test('R11 only a coming run that is none by the rules of now is calculated anew', () => {
  const all = jobs(job('right'), job('wrong'), job('missed'), job('none'));
  const next: Readonly<Record<string, string | null>> = {
    right: '2026-03-10T22:00:00Z',
    wrong: '2026-03-10T21:00:00Z',
    missed: '2026-03-09T21:00:00Z',
    none: null,
  };
  const found = displaced(all, (id) => next[id] ?? null, 'UTC', NOW);
  assert.equal(
    found.map((change) => 'job' in change && change.job.id),
    ['wrong'],
  );
});

test.run();
