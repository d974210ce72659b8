import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PlanOptions, plan } from '../../controller/cli/plan.ts';
import type { JobChange, Preview } from '../../definitions/preview/preview.ts';
import { commit, createGitFolder, GIT_ENVIRONMENT, git, remoteAndClone, workTree } from '../support/git-folder.ts';
import { job, machines, sink } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const BASE = {
  'machines/all.yaml': machines(3),
  'jobs/nightly.yaml': job(),
  'jobs/morning.yaml': job({ time: '06:00:00' }),
};

const at = createGitFolder();
test.after(() => at.remove());
let made = 0;
const fresh = (files: Readonly<Record<string, string>> = BASE) => workTree(at.path(`fleet-${++made}`), files);

async function planned(folder: string, options: Partial<PlanOptions> = {}) {
  const [out, err] = [sink(), sink()];
  const { signal } = new AbortController();
  const environment = GIT_ENVIRONMENT;
  const given = { folder, format: 'json' as const, count: 1, environment, now: NOW, signal, ...options };
  const code = await plan({ ...given, out, err });
  return {
    code,
    text: out.text,
    err: err.text,
    told: (out.text.startsWith('{') ? JSON.parse(out.text) : null) as Preview,
  };
}

const brief = ({ op, job: id, from }: JobChange) => (from === undefined ? `${op} ${id}` : `${op} ${from} ${id}`);

interface Case {
  readonly name: string;
  readonly change: Readonly<Record<string, string | null>>;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { name: 'nothing', change: {}, expected: [] },
  { name: 'a job comes', change: { 'jobs/new.yaml': job({ machines: 'm2' }) }, expected: ['add new'] },
  { name: 'a job goes', change: { 'jobs/nightly.yaml': null }, expected: ['remove nightly'] },
  {
    name: 'R20 a file is renamed, unchanged',
    change: { 'jobs/nightly.yaml': null, 'jobs/late/night.yaml': job() },
    expected: ['rename nightly late.night'],
  },
  {
    name: 'renamed and changed is another job',
    change: { 'jobs/nightly.yaml': null, 'jobs/night.yaml': job({ profile: 'Balanced' }) },
    expected: ['add night', 'remove nightly'],
  },
  { name: 'R19 written otherwise', change: { 'jobs/nightly.yaml': `# every night\n${job()}` }, expected: [] },
  {
    name: 'R19 another name is a change all the same',
    change: { 'jobs/nightly.yaml': job({ name: 'Night' }) },
    expected: ['change nightly'],
  },
  {
    name: 'R11 another zone moves the jobs that name none',
    change: {
      'bmcron.yaml': 'TimeZone: Asia/Tokyo\n',
      'jobs/morning.yaml': job({ schedule: 'Type: Continuous, Period: {}, TimeZone: UTC', time: '06:00:00' }),
    },
    expected: ['change morning', 'rearm nightly'],
  },
  { name: 'another document of the file changes', change: { 'jobs/nightly.yaml': job() }, expected: [] },
];

for (const { name, change, expected } of CASES) {
  test(`plan: ${name}`, async () => {
    const folder = fresh();
    commit(folder, change);
    const { code, told } = await planned(folder, { base: 'HEAD~1' });
    assert.is(code, 0);
    assert.equal(told.changes.map(brief), expected);
  });
}

test('plan: one document of several changes, and is told alone', async () => {
  const both = (profile: string) =>
    [job({ name: 'One', profile }), job({ name: 'Two', time: '03:00:00' })].join('---\n');
  const folder = fresh({ ...BASE, 'jobs/two.yaml': both('Balanced') });
  commit(folder, { 'jobs/two.yaml': both('Performance') });
  const { told } = await planned(folder, { base: 'HEAD~1' });
  assert.equal(told.changes.map(brief), ['change two.one']);
});

test('plan: the shape that scripts rely on', async () => {
  const folder = fresh();
  commit(folder, {
    'jobs/nightly.yaml': job({
      time: '02:30:00',
      machines: 'm2, m1',
      schedule: 'Type: Continuous, TimeZone: Europe/Berlin, Period: { StartDay: 2026-03-29 }',
    }),
  });
  const { told } = await planned(folder, { base: 'HEAD~1' });
  assert.equal(told.changes, [
    {
      op: 'change',
      job: 'nightly',
      fields: [
        { path: 'Machines', old: ['m1'], new: ['m1', 'm2'] },
        { path: 'Schedule.Time', old: '22:00:00', new: '02:30:00' },
        { path: 'Schedule.Period.StartDay', old: null, new: '2026-03-29' },
        { path: 'Schedule.TimeZone', old: null, new: 'Europe/Berlin' },
      ],
      machines: ['m2', 'm1'],
      next: [
        {
          time: '2026-03-29T01:30:00Z',
          local: '2026-03-29T03:30:00+02:00',
          timeZone: 'Europe/Berlin',
          note: '02:30 does not exist on 2026-03-29 in Europe/Berlin: moved to 03:30',
        },
      ],
      note: null,
    },
  ]);
  assert.equal([told.problems, told.collisions], [[], []]);
});

test('plan: a collision has its machine, field, time, jobs and values, and says whether it is new', async () => {
  const folder = fresh({ ...BASE, 'jobs/old.yaml': job({ time: '06:00:00', profile: 'Custom' }) });
  commit(folder, { 'jobs/other.yaml': job({ profile: 'Balanced' }) });
  const { told, code } = await planned(folder, { base: 'HEAD~1' });
  assert.is(code, 0);
  const field = 'bmc Oem.OpenBmc.Fan.Profile';
  const kind = 'same moment';
  assert.equal(told.collisions, [
    {
      machine: 'm1',
      field,
      time: '2026-03-10T22:00:00Z',
      jobs: ['nightly', 'other'],
      values: ['PowerSaver', 'Balanced'],
      kind,
      new: true,
    },
    {
      machine: 'm1',
      field,
      time: '2026-03-11T06:00:00Z',
      jobs: ['morning', 'old'],
      values: ['PowerSaver', 'Custom'],
      kind,
      new: false,
    },
  ]);
  for (const format of ['text', 'markdown'] as const) {
    const { text } = await planned(folder, { base: 'HEAD~1', format });
    assert.match(text, '1 collision');
    assert.match(text, '1 collision that was there before');
  }
});

test('R21 plan: a broken commit shows its problems and the plan of the rest', async () => {
  const folder = fresh();
  commit(folder, {
    'jobs/nightly.yaml': job({ profile: 'Turbo' }),
    'jobs/new.yaml': job({ machines: 'm2' }),
    'jobs/bad.yaml': 'Name: [',
  });
  const { code, told } = await planned(folder, { base: 'HEAD~1' });
  assert.is(code, 1);
  assert.equal(told.changes.map(brief), ['add new']);
  assert.equal([...new Set(told.problems.map(({ file }) => file))], ['jobs/bad.yaml', 'jobs/nightly.yaml']);
  const { text } = await planned(folder, { base: 'HEAD~1', format: 'markdown' });
  assert.match(text, '`jobs/nightly.yaml:6:');
});

test('plan: settings that are refused leave those in force; a machine that is refused does not leave', async () => {
  const folder = fresh({ ...BASE, 'bmcron.yaml': 'TimeZone: Europe/Berlin\n' });
  commit(folder, {
    'bmcron.yaml': 'TimeZone: Mars/Olympus\n',
    'machines/all.yaml': machines(3).replace('192.0.2.3', '192.0.2.3/path'),
  });
  const { code, told } = await planned(folder, { base: 'HEAD~1' });
  assert.is(code, 1);
  assert.equal([told.changes, told.settings, told.inventory], [[], [], []]);
});

test('plan: settings and machines are told with what follows', async () => {
  const folder = fresh();
  commit(folder, {
    'bmcron.yaml': 'TimeZone: Asia/Tokyo\nWorkerPoolSize: 9\n',
    'machines/all.yaml': machines(4).replace('192.0.2.1\n', '192.0.2.99\n'),
  });
  const { told } = await planned(folder, { base: 'HEAD~1' });
  assert.equal(
    told.settings.map(({ path, old, new: is }) => [path, old, is]),
    [
      ['WorkerPoolSize', 5, 9],
      ['TimeZone', 'UTC', 'Asia/Tokyo'],
    ],
  );
  assert.match(told.settings[1]?.follows ?? '', 'moves 2 jobs');
  assert.equal(told.inventory, [
    {
      op: 'change',
      machine: 'm1',
      fields: [{ path: 'Endpoint', old: 'https://192.0.2.1', new: 'https://192.0.2.99' }],
      jobs: 2,
    },
    { op: 'add', machine: 'm4', fields: [], jobs: 0 },
  ]);
});

/** What the job of `once` does and when, as its status file has it. */
const FACTS = `Action: PatchProfile
Payload: [{ ManagerID: bmc, Payload: { Profile: PowerSaver } }]
Schedule: { Time: "22:00:00", Type: Once }
`;

test('plan: says why a job never runs, runs at once, or has run', async () => {
  const once = job({ schedule: 'Type: Once' });
  const done = `Id: once\nStatus: Completed\nCreatedTime: "2026-01-01T00:00:00Z"\nNextRunTime: null\nExecutionCount: 1\nMachines: [m1]\n${FACTS}`;
  const folder = fresh({ ...BASE, 'jobs/once.yaml': once, 'jobs/once.status.yaml': done });
  commit(folder, {
    'jobs/once.yaml': once.replace('Nightly', 'Another name'),
    'jobs/over.yaml': job({ machines: 'm2', schedule: 'Type: Continuous, Period: { EndDay: 2026-01-31 }' }),
    'jobs/past.yaml': job({ machines: 'm2', schedule: 'Type: Once, Day: 2026-01-31' }),
    'jobs/asleep.yaml': job({ machines: 'm2', more: 'Suspend: true\n' }),
    'jobs/nightly.yaml': job({ more: 'Trigger: again-1\n' }),
  });
  const { told } = await planned(folder, { base: 'HEAD~1' });
  const notes = Object.fromEntries(told.changes.map(({ job: id, note, next }) => [id, `${note} (${next.length})`]));
  assert.equal(notes, {
    asleep: 'never due while Suspend is true (0)',
    nightly: 'runs at once: its Trigger is new (again-1) (1)',
    once: 'it has run, and does not run again (0)',
    over: 'never runs: no date that fits is left before its EndDay 2026-01-31 is over (0)',
    past: 'never runs: 2026-01-31 22:00:00 has passed (0)',
  });
});

test('plan: by default files on disk are compared with the followed branch, from where they left it', async () => {
  const { human } = remoteAndClone(at, BASE);
  git(human, 'checkout', '--quiet', '-b', 'work');
  commit(human, { 'jobs/mine.yaml': job({ machines: 'm3' }) });
  git(human, 'checkout', '--quiet', 'main');
  commit(human, { 'jobs/theirs.yaml': job({ machines: 'm2' }) });
  git(human, 'push', '--quiet', 'origin', 'main');
  git(human, 'checkout', '--quiet', 'work');
  commit(human, { 'jobs/nightly.yaml': job({ time: '23:00:00' }) });
  git(human, 'reset', '--quiet', '--soft', 'HEAD~1'); // not committed
  const { told, err } = await planned(human);
  assert.equal(told.changes.map(brief), ['add mine', 'change nightly']);
  assert.match(err, 'origin/main has moved on');
  const exact = await planned(human, { base: 'main', head: 'work' });
  assert.equal(exact.told.changes.map(brief), ['add mine', 'remove theirs']);
  git(human, 'checkout', '--quiet', '--detach');
  assert.equal((await planned(human)).told.changes.map(brief), ['add mine', 'change nightly'], 'as CI checks it out');
});

test('plan: a fleet in a folder of the repository', async () => {
  const below = Object.fromEntries(Object.entries(BASE).map(([path, text]) => [`a/b/${path}`, text]));
  const folder = fresh({ ...below, 'jobs/alien.yaml': 'not of this fleet' });
  commit(folder, { 'a/b/jobs/new.yaml': job({ machines: 'm2' }) });
  const { code, told } = await planned(`${folder}/a/b`, { base: 'HEAD~1' });
  assert.equal([code, told.changes.map(brief)], [0, ['add new']]);
});

test('plan: no repository, no such commit: exit 3 and what to do', async () => {
  const nowhere = await planned(at.root);
  assert.is(nowhere.code, 3);
  assert.match(nowhere.err, 'is not in a Git repository');
  const unknown = await planned(fresh(), { base: 'nope' });
  assert.is(unknown.code, 3);
  assert.match(unknown.err, 'there is no commit nope here');
});

test.run();
