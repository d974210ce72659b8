import MarkdownIt from 'markdown-it';
import mermaid from 'mermaid';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job } from '../../definitions/job.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import type { Problem } from '../../definitions/problem.ts';
import { type StatusPageFacts, statusPage } from '../../definitions/report/status-page.ts';
import type { LastRun, Status } from '../../definitions/status.ts';
import { job, machines, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');

/** The facts of these job files, each as it is accepted, or as `more` says of it. */
function facts(
  files: Readonly<Record<string, string>>,
  more: (job: Job) => Partial<Status> = () => ({}),
): StatusPageFacts {
  const { fleet } = view({ 'machines/all.yaml': machines(40), ...files });
  const jobs = [...fleet.jobs.values()].map((each) => {
    const next = new Date(`2026-03-10T${each.spec.Schedule.Time}Z`);
    const due = next > NOW ? next : new Date(next.getTime() + 86_400_000);
    return { job: each, status: { ...accepted(each, NOW, due), ...more(each) } };
  });
  return { jobs, problems: fleet.problems, alerts: [], logs: () => [] };
}

function run(more: Partial<LastRun> = {}): LastRun {
  const StartTime = '2026-03-09T22:00:00Z';
  const counts = { Succeeded: 1, Failed: 0, FailedMachines: [] };
  return {
    RunID: 'a@x',
    Trigger: 'Schedule',
    NominalTime: StartTime,
    StartTime,
    EndTime: '2026-03-09T22:00:05Z',
    ...counts,
    ...more,
  };
}

/** What stands between the fences of each chart. */
function charts(text: string): readonly string[] {
  const tokens = new MarkdownIt().parse(text, {});
  return tokens.filter(({ type, info }) => type === 'fence' && info === 'mermaid').map(({ content }) => content);
}

const headings = (text: string) => [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);

/** The whole text, without turns for others. */
function textOf(all: Parameters<typeof statusPage>[0]): string {
  const work = statusPage(all);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

test('S14 with a selector the page counts the machines that it fits now, not those of the last run', () => {
  const selected = job().replace('Machines: [m1]', 'MachineSelector: { MatchLabels: { rack: r7 } }');
  const { fleet } = view({ 'machines/all.yaml': machines(7, 'Labels: { rack: r7 }\n'), 'jobs/a.yaml': selected });
  const [one] = fleet.jobs.values();
  assert.ok(one);
  if (!one) return;
  const status = { ...accepted(one, NOW, new Date('2026-03-10T22:00:00Z')), Machines: ['m1'] };
  const text = textOf({ jobs: [{ job: one, status }], problems: [], alerts: [], logs: () => [] });
  assert.match(text, /^\| \[`a`\].* \| 7 \|$/m);
  assert.match(text, 'job a, 7 machines :milestone');
});

test('the bad news stands first, then the jobs, then the last runs', () => {
  const { jobs, ...rest } = facts(
    { 'jobs/a.yaml': job(), 'jobs/b.yaml': job({ profile: 'Balanced', time: '23:00:00' }), 'jobs/bad.yaml': 'Name: 1' },
    ({ id }) => {
      if (id === 'b') return {};
      const LastRun = run({ Failed: 1, Succeeded: 0, FailedMachines: ['m1: permanent: manager bmc: no such manager'] });
      return {
        Status: 'Failed',
        LastRun,
        Missed: [{ Time: '2026-03-08T22:00:00Z', Reason: 'the service was not there' }],
      };
    },
  );
  const text = textOf({ jobs, ...rest });
  assert.equal(headings(text), [
    'Problems',
    'Machines in trouble',
    'Missed runs',
    '24 hours from the next run on',
    'Jobs',
    'Last runs',
  ]);
  assert.match(text, '2 jobs in force, **');
  assert.match(text, '**1 job failed last time**');
  assert.match(text, '- `m1`: `a` at 2026-03-09T22:00:00Z: `permanent: manager bmc: no such manager`');
  assert.ok(text.indexOf('[`a`](jobs/a.status.yaml)') < text.indexOf('[`b`](jobs/b.status.yaml)'));
  assert.match(text, '[logs of the day](logs/2026/03/09/)');
});

test('a healthy fleet is told in few words', () => {
  assert.equal(headings(textOf(facts({ 'jobs/a.yaml': job() }))), ['24 hours from the next run on', 'Jobs']);
  assert.is(
    textOf(facts({})),
    '# Fleet status\n\n0 jobs in force.\n\nWritten by bmcron whenever these facts change; all times are UTC.\n',
  );
});

test('a machine is out of trouble when another job has done well on it since', () => {
  const bad = run({ Failed: 1, Succeeded: 0, FailedMachines: ['m1: transient: away'] });
  const files = { 'jobs/a.yaml': job(), 'jobs/b.yaml': job({ time: '23:00:00' }) };
  const later = run({ RunID: 'b@x', StartTime: '2026-03-09T23:00:00Z' });
  const after = textOf(
    facts(files, ({ id }) => (id === 'a' ? { Status: 'Failed', LastRun: bad } : { LastRun: later })),
  );
  assert.not.match(after, 'Machines in trouble');
  const before = textOf(
    facts(files, ({ id }) =>
      id === 'a' ? { Status: 'Failed', LastRun: bad } : { LastRun: run({ StartTime: '2026-03-09T21:00:00Z' }) },
    ),
  );
  assert.match(before, 'Machines in trouble');
});

test('the last runs link to the log files, failed machines first', () => {
  const path = (machine: string, how: string) =>
    `logs/2026/03/09/a_${machine}_PatchProfile_20260309_220000_${how}.json`;
  const logs = [
    { machine: 'm1', path: path('m1', 'success'), failed: false },
    { machine: 'm2', path: path('m2', 'failed'), failed: true },
  ];
  const all = facts({ 'jobs/a.yaml': job() }, () => ({ LastRun: run({ Failed: 1 }) }));
  const text = textOf({ ...all, logs: (id) => (id === 'a@x' ? logs : []) });
  assert.match(text, `[\`m2\`](${path('m2', 'failed')}), [\`m1\`](${path('m1', 'success')})`);
});

const AWKWARD = [
  'title',
  'section',
  'gantt',
  'click',
  'done',
  'crit',
  'end',
  '2026-03-10',
  'dateFormat',
  'excludes',
  'a.b-c_d',
  'todayMarker',
  'accTitle',
  'vert',
];

test("the chart is Mermaid's, whatever jobs are called, says its own parser", async () => {
  const files = Object.fromEntries(
    AWKWARD.map((id, index) => [`jobs/${id}.yaml`, job({ time: `${String(index).padStart(2, '0')}:00:00` })]),
  );
  const [chart = '', ...more] = charts(textOf(facts(files)));
  assert.equal(more, []);
  assert.equal((await mermaid.parse(chart))?.diagramType, 'gantt');
  for (const id of AWKWARD) assert.match(chart, `job ${id}, 1 machine :milestone, `);
  let refused = false;
  await mermaid.parse('gantt\n    no colon here').catch(() => {
    refused = true;
  });
  assert.ok(refused, 'the parser does look');
});

test('the chart begins with the next run and spans a day, by the facts alone', () => {
  const files = {
    'jobs/a.yaml': job({ time: '13:00:00' }),
    'jobs/b.yaml': job({ time: '12:30:00' }),
    'jobs/c.yaml': job({ time: '12:00:00' }),
    'jobs/d.yaml': job({ more: 'Suspend: true\n' }),
  };
  const [chart = ''] = charts(textOf(facts(files)));
  const runs = [...chart.matchAll(/job (\w).*?(2026-\S+),/g)].map(([, id, time]) => `${id} ${time}`);
  assert.equal(runs, ['b 2026-03-10T12:30:00', 'a 2026-03-10T13:00:00', 'c 2026-03-11T12:00:00']);
});

test('a large fleet makes a small page that says what it leaves out', async () => {
  const files: Record<string, string> = {};
  for (let index = 0; index < 3_000; index += 1)
    files[`jobs/j${index}.yaml`] = job({
      time: `${String(index % 24).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}:00`,
    });
  const problem: Problem = {
    file: 'jobs/x.yaml',
    line: 1,
    column: 1,
    path: '$',
    stage: 'structure',
    rule: 'R04',
    message: 'x'.repeat(5_000),
    severity: 'error',
  };
  const failed = Array.from({ length: 20 }, (_, index) => `m${index + 1}: permanent: ${'y'.repeat(900)}`);
  const all = facts(files, () => ({ Status: 'Failed', LastRun: run({ Failed: 30, FailedMachines: failed }) }));
  const before = performance.now();
  const text = textOf({ ...all, problems: Array.from({ length: 5_000 }, (_, line) => ({ ...problem, line })) });
  assert.ok(performance.now() - before < 2_000);
  assert.ok(text.length < 200_000, `${text.length} characters`);
  for (const more of ['- and 4950 more', 'and 2960 more runs', 'and 2700 more', '- and 2980 more'])
    assert.match(text, more);
  assert.equal((await mermaid.parse(charts(text)[0] ?? ''))?.diagramType, 'gantt');
});

test('what manifests and BMCs say stays text', () => {
  const words = '@admin <b>x</b> [a](https://evil.example) `|`';
  const { jobs, ...rest } = facts(
    { 'jobs/a (b) [c].d.yaml': job({ name: JSON.stringify(words) }), 'jobs/a.yaml': job() },
    () => {
      return { Status: 'Failed', LastRun: run({ Failed: 1, FailedMachines: [`m1: ${words}`] }) };
    },
  );
  const text = textOf({ jobs, ...rest });
  const tokens = new MarkdownIt({ html: true }).parse(text, {}).flatMap((token) => token.children ?? [token]);
  const links = tokens.filter(({ type }) => type === 'link_open').map((token) => String(token.attrGet('href')));
  assert.ok(
    links.every((link) => /^(jobs|logs)\//.test(link)),
    links.join(),
  );
  assert.not.ok(tokens.some(({ type }) => type.startsWith('html')));
  assert.not.ok(tokens.some(({ type, content }) => type === 'text' && content.includes('@admin')));
});

test.run();
