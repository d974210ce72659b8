import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ControllerEvent } from '../../controller/events/event.ts';
import { installCounters } from '../../controller/server/metrics/counters.ts';
import { installGauges } from '../../controller/server/metrics/gauges.ts';
import { createInstruments } from '../../controller/server/metrics/instruments.ts';
import { createLeftOutNotice, installPerJob } from '../../controller/server/metrics/per-job.ts';
import { createRecentRuns } from '../../controller/server/recent-runs.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { withDefaults } from '../../definitions/manifest/inventory.ts';
import type { Problem } from '../../definitions/problem.ts';
import type { LastRun, Status } from '../../definitions/status.ts';
import { DEMO_JOBS } from '../support/examples.ts';
import { factsOf, jobOf } from '../support/jobs.ts';
import { NOTHING } from '../support/metrics.ts';
import { JOBS, openTestService, type TestService, until } from '../support/service.ts';

interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** Reads the text format strictly: anything that Prometheus would not take fails. */
function families(body: string): Map<string, Family> {
  const found = new Map<string, Family>();
  let current: [string, Family] | null = null;
  const helps = new Map<string, string>();
  for (const line of body.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') helps.set(name, rest);
    if (kind === 'TYPE') {
      assert.not.ok(found.has(name), `${name} is declared twice`);
      current = [name, { type: rest, help: helps.get(name) ?? '', samples: [] }];
      found.set(...current);
    }
    if (kind || line === '') continue;
    const [, sample = '', labels = '', value = ''] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    assert.ok(current && sample.startsWith(current[0]), `${line} stands below ${current?.[0]}`);
    const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g)].map(([, key = '', text = '']) => [
      key,
      text,
    ]);
    current?.[1].samples.push({ name: sample, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return found;
}

/** What `promtool check metrics` says, and Prometheus' naming rules. */
function lint(all: ReadonlyMap<string, Family>): string[] {
  const units = /_(milliseconds|minutes|hours|days|ms|kilobytes|megabytes|percent)(_|$)/;
  return [...all].flatMap(([name, { type, help }]) => [
    ...(help === '' ? [`${name}: no help text`] : []),
    ...(type === 'counter' && !name.endsWith('_total') ? [`${name}: a counter ends with _total`] : []),
    ...(type !== 'counter' && name.endsWith('_total') ? [`${name}: only a counter ends with _total`] : []),
    ...(/_(count|sum|bucket)$/.test(name) ? [`${name}: the suffix belongs to histograms`] : []),
    ...(units.test(name) ? [`${name}: use base units`] : []),
    ...(/[A-Z]/.test(name) ? [`${name}: snake_case`] : []),
    ...(/_(gauge|counter|histogram|summary)(_|$)/.test(name) ? [`${name}: the type is not part of a name`] : []),
  ]);
}

let server: TestService;
test.before(async () => {
  server = await openTestService();
  const answer = await server.ask(`${JOBS}/first-run/Actions/Trigger`, { method: 'POST', token: 'sesame' });
  assert.is(answer.status, 202);
  await until(() => server.events.find(({ event }) => event === 'finished'));
  await until(async () => /^bmcron_unpushed_results 0$/m.test(await (await server.ask('/metrics')).text()));
});
test.after(() => server.stop());

const WANTED = {
  bmcron_runs_started_total: 1,
  bmcron_runs_finished_total: 1,
  bmcron_runs_failed_total: 0,
  bmcron_runs_missed_total: 0,
  bmcron_jobs_due: 0,
  bmcron_runs_waiting: 0,
  bmcron_worker_pool_size: 5,
  bmcron_worker_pool_active: 0,
  bmcron_worker_pool_available: 5,
  bmcron_worker_pool_waiting: 0,
  bmcron_connection_pool_size: 50,
  bmcron_connection_pool_active: 0,
  bmcron_connection_pool_waiting: 0,
  bmcron_machines: 3,
  bmcron_jobs: DEMO_JOBS,
  bmcron_parts_total: 3,
  bmcron_bmc_sessions_opened_total: 3,
  bmcron_bmc_sessions_closed_total: 3,
  bmcron_bmc_retries_total: 0,
  bmcron_unpushed_results: 0,
  bmcron_unpushed_results_oldest_age_seconds: 0,
} as const;

test('the metrics pass the checks of promtool, by their names and units', async () => {
  const answer = await server.ask('/metrics');
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const all = families(await answer.text());
  const own = new Map([...all].filter(([name]) => name.startsWith('bmcron_')));
  assert.ok(own.size > 25);
  assert.equal(lint(own), []);
  for (const name of all.keys()) assert.match(name, /^(bmcron|process|nodejs)_/);
});

for (const [name, value] of Object.entries(WANTED)) {
  test(`after one run: ${name} is ${value}`, async () => {
    const family = families(await (await server.ask('/metrics')).text()).get(name);
    assert.ok(family, `${name} is there`);
    assert.is(
      family?.samples.reduce((sum, sample) => sum + sample.value, 0),
      value,
    );
  });
}

const HISTOGRAMS = ['run_duration', 'part_duration', 'bmc_request_duration', 'reconcile_duration', 'run_start_delay'];
for (const name of HISTOGRAMS) {
  test(`bmcron_${name}_seconds is a histogram`, async () => {
    const family = families(await (await server.ask('/metrics')).text()).get(`bmcron_${name}_seconds`);
    assert.is(family?.type, 'histogram');
  });
}

test('requests and passes leave their marks', async () => {
  const all = families(await (await server.ask('/metrics')).text());
  const total = (name: string) => all.get(name)?.samples.reduce((sum, { value }) => sum + value, 0) ?? 0;
  assert.ok(total('bmcron_bmc_requests_total') >= 8);
  assert.ok(total('bmcron_reconciles_total') >= 2);
  assert.ok(total('bmcron_commits_total') >= 1);
  assert.ok(total('bmcron_reconcile_last_success_timestamp_seconds') > Date.now() / 1000 - 60);
  assert.ok(total('bmcron_next_run_timestamp_seconds') > Date.now() / 1000);
});

test('no label grows without bound: 2 000 broken files are 51 series', async () => {
  const problems = Array.from({ length: 2_000 }, (_, index): Problem => {
    const at = { line: 1, column: 1, path: '$', stage: 'structure', rule: 'R02', severity: 'error' } as const;
    return { ...at, file: `jobs/${index}.yaml`, message: 'broken' };
  });
  const instruments = createInstruments();
  installGauges(instruments, { ...NOTHING, problems: () => problems });
  const samples = families((await instruments.print()).body).get('bmcron_problems')?.samples ?? [];
  instruments.close();
  assert.is(samples.length, 51);
  assert.is(samples.find(({ labels }) => labels['file'] === '(others)')?.value, 1_950);
});

const DAY = (day: number) => `2026-03-0${day}T22:00:00Z`;
/** A run of the job that went on for no time. */
const lastRun = (day: number, more: Partial<LastRun> = {}): LastRun => {
  const at = { RunID: `a@${DAY(day)}`, NominalTime: DAY(day), StartTime: DAY(day), EndTime: DAY(day) };
  return { ...at, Trigger: 'Schedule', Succeeded: 1, Failed: 0, FailedMachines: [], ...more };
};
const missed = (day: number) => [{ Time: DAY(day), Reason: 'Frozen by x' }];

/** What the status says, what the journal said of runs before (day, failures) → outcome, day of the last success. */
const LAST_OUTCOMES: readonly (readonly [Partial<Status>, readonly (readonly [number, number])[], string, number])[] = [
  [{}, [], 'pending', 0],
  [{ Status: 'Completed', LastRun: lastRun(2) }, [], 'completed', 2],
  [{ Status: 'Failed', LastRun: lastRun(2, { Failed: 1 }) }, [], 'failed', 0],
  [
    { Status: 'Failed', LastRun: lastRun(4, { Failed: 1 }) },
    [
      [2, 0],
      [3, 0],
      [4, 1],
    ],
    'failed',
    3,
  ],
  [
    { Status: 'Running', LastRun: lastRun(5, { EndTime: null }) },
    [
      [3, 0],
      [4, 1],
    ],
    'failed',
    3,
  ],
  [{ Status: 'Running', LastRun: lastRun(5, { EndTime: null }) }, [], 'pending', 0],
  [{ Missed: missed(2) }, [], 'missed', 0],
  [{ Status: 'Completed', LastRun: lastRun(2), Missed: missed(3) }, [[2, 0]], 'missed', 2],
  [{ Status: 'Completed', LastRun: lastRun(4), Missed: missed(3) }, [[4, 0]], 'completed', 4],
];
for (const [more, runs, outcome, success] of LAST_OUTCOMES) {
  const before = runs.map(([day, failures]) => `${day}:${failures}`).join(' ');
  const title = `${more.Status ?? 'Pending'}, missed ${more.Missed?.length ?? 0}, runs before: ${before || 'none'}`;
  test(`#19.5 the metrics of a job: ${title}: ${outcome}, success ${success}`, async () => {
    const [agenda, recentRuns] = [createAgenda(), createRecentRuns()];
    const job = jobOf('a');
    agenda.put(job, factsOf(job, more));
    for (const [day, failures] of runs) {
      const record = { run: `a@${DAY(day)}`, job: 'a', end: DAY(day), succeeded: 1, failed: [], failures };
      recentRuns.note([{ seq: day, record: { kind: 'finish', ...record } }]);
    }
    const instruments = createInstruments();
    installPerJob(instruments, { agenda, recentRuns, most: () => 1 });
    const all = families((await instruments.print()).body);
    instruments.close();
    const samples = all.get('bmcron_job_last_outcome')?.samples.map(({ labels, value }) => [labels, value]);
    assert.equal(samples, [[{ job: 'a', outcome }, 1]]);
    const at = all.get('bmcron_job_last_success_timestamp_seconds')?.samples[0]?.value;
    assert.is(at, success === 0 ? 0 : Date.parse(DAY(success)) / 1000);
  });
}

test('#19.5 with more jobs than Metrics.PerJob there are no metrics a job, and it is said once', async () => {
  const agenda = createAgenda();
  for (const id of ['a', 'b', 'c']) agenda.put(jobOf(id), factsOf(jobOf(id)));
  const limit = { most: 2 };
  const options = { agenda, recentRuns: createRecentRuns(), most: () => limit.most };
  const instruments = createInstruments();
  installPerJob(instruments, options);
  const told: ControllerEvent[] = [];
  const tell = createLeftOutNotice(options, (event) => told.push(event));
  const shown = async () => {
    tell();
    tell();
    const all = families((await instruments.print()).body);
    const without = all.get('bmcron_jobs_without_metrics')?.samples[0]?.value;
    return [all.get('bmcron_job_last_outcome')?.samples.length, without, told.length];
  };
  assert.equal(await shown(), [0, 3, 1]);
  limit.most = 3;
  assert.equal(await shown(), [3, 0, 1]);
  limit.most = 0;
  assert.equal(await shown(), [0, 3, 2]);
  instruments.close();
});

test('#19.5 Metrics.PerJob is what bmcron.yaml says, 2 000 where it says nothing', () => {
  assert.is(withDefaults.settings({ Metrics: { PerJob: 7 } }).Metrics.PerJob, 7);
  assert.is(withDefaults.settings({ Metrics: {} }).Metrics.PerJob, 2_000);
});

test('#19.5 machines are counted by how they took their last part; the clock is shown', async () => {
  const all = families(await (await server.ask('/metrics')).text());
  const outcomes = all.get('bmcron_machines_by_last_outcome')?.samples ?? [];
  assert.equal(
    outcomes.filter(({ value }) => value > 0).map(({ labels, value }) => [labels['outcome'], value]),
    [['Applied', 3]],
  );
  assert.ok(outcomes.some(({ labels, value }) => labels['outcome'] === 'Unreachable' && value === 0));
  const clock = all.get('bmcron_clock_timestamp_seconds')?.samples[0]?.value ?? 0;
  assert.ok(Math.abs(Date.now() / 1000 - clock) < 60);
});

test('#19.5 the metrics of the job that has run', async () => {
  const all = families(await (await server.ask('/metrics')).text());
  const of = (name: string) => all.get(name)?.samples.find(({ labels }) => labels['job'] === 'first-run');
  assert.is(of('bmcron_job_last_outcome')?.labels['outcome'], 'completed');
  assert.ok(Number(of('bmcron_job_last_success_timestamp_seconds')?.value) > Date.now() / 1000 - 600);
});

test('#16.2 skipped parts and missed runs are counted by reason, blocked runs and the next opening shown', async () => {
  const instruments = createInstruments();
  const at = new Date('2026-12-20T00:00:00Z');
  installGauges(instruments, {
    ...NOTHING,
    now: () => at,
    blocked: () => 3,
    nextOpening: () => new Date('2026-12-20T00:01:30Z'),
  });
  const { observe } = installCounters(instruments, { now: () => at, agenda: createAgenda() });
  const run = { job: 'a', run: 'a@x', machine: 'm1' };
  observe({ event: 'skipped', ...run, reason: 'Frozen', message: 'Frozen by x' });
  observe({ event: 'missed', job: 'a', nominal: 'x', reason: 'Frozen by x', cause: 'Frozen', isAgain: true });
  const all = families((await instruments.print()).body);
  instruments.close();
  const value = (name: string, reason?: string) =>
    all.get(name)?.samples.find(({ labels }) => labels['reason'] === reason)?.value;
  assert.equal([value('bmcron_skipped_total', 'Frozen'), value('bmcron_missed_total', 'Frozen')], [1, 1]);
  assert.equal([value('bmcron_window_blocked'), value('bmcron_window_next_opening_seconds')], [3, 90]);
});

test('a method that somebody invents is no new label', async () => {
  for (const method of ['BREW', 'PROPFIND']) await server.ask('/healthz', { method });
  const family = families(await (await server.ask('/metrics')).text()).get('bmcron_http_requests_total');
  const methods = new Set(family?.samples.map(({ labels }) => labels['method']));
  assert.ok(methods.has('other'));
  assert.not.ok(methods.has('BREW'));
});

test('health and readiness', async () => {
  assert.is((await server.ask('/healthz')).status, 200);
  assert.is(await (await server.ask('/readyz')).text(), 'ready\n');
});

test.run();
