import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fleetAndSelector } from '../../controller/cli/arguments.ts';
import { type MachinesOptions, machines } from '../../controller/cli/machines.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import type { ListedMachine } from '../../definitions/report/machine-list.ts';
import { type LastRun, type Status, statusDocument } from '../../definitions/status.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { print } from '../../definitions/yaml/document.ts';
import { createGitFolder, GIT_ENVIRONMENT, workTree } from '../support/git-folder.ts';
import { sink, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const at = createGitFolder();
test.after(() => at.remove());

const machine = (ID: string, Labels: JsonObject) => JSON.stringify({ ID, Endpoint: `https://${ID}.example`, Labels });
const job = (reach: JsonObject) =>
  JSON.stringify({
    Name: 'A job',
    ...reach,
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    Schedule: { Type: 'Continuous', Time: '22:00:00', Period: {} },
  });

const FLEET = {
  'machines/m1.yaml': machine('m1', { rack: 'r7', role: 'compute' }),
  'machines/m2.yaml': machine('m2', { rack: 'r7', role: 'storage' }),
  'machines/m3.yaml': machine('m3', { rack: 'r8' }),
  'jobs/r7.yaml': job({ MachineSelector: { MatchLabels: { rack: 'r7' } } }),
  'jobs/one.yaml': job({ Machines: ['m1'] }),
};

/** The text of a status file of a job that has run. */
function ran(id: 'r7' | 'one', Machines: readonly string[], run: Partial<LastRun>): string {
  const found = view(FLEET).fleet.jobs.get(id);
  if (!found) throw new Error(id);
  const StartTime = run.StartTime ?? '2026-03-09T22:00:00Z';
  const LastRun: LastRun = {
    RunID: `${id}@${StartTime}`,
    Trigger: 'Schedule',
    NominalTime: StartTime,
    EndTime: StartTime,
    Succeeded: 0,
    Failed: 0,
    FailedMachines: [],
    ...run,
    StartTime,
  };
  const facts: Status = { ...accepted(found, NOW, null), Machines, LastRun };
  return print([statusDocument(facts)]);
}

const STATUSES = {
  'jobs/r7.status.yaml': ran('r7', ['m1', 'm2'], {
    Succeeded: 1,
    Failed: 1,
    FailedMachines: ['m2: no \u001b[31manswer'],
  }),
  'jobs/one.status.yaml': ran('one', ['m1'], { Succeeded: 1, StartTime: '2026-03-09T23:00:00Z' }),
};

async function listed(
  selector: string | null,
  more: Partial<MachinesOptions> = {},
  files: Readonly<Record<string, string>> = STATUSES,
) {
  const folder = more.folder ?? workTree(at.path(`fleet-${++made}`), { ...FLEET, ...files });
  const [out, err] = [sink(), sink()];
  const code = await machines({
    folder,
    selector,
    format: 'text',
    fetch: false,
    environment: GIT_ENVIRONMENT,
    ...more,
    out,
    err,
  });
  return { code, out: out.text, err: err.text };
}

let made = 0;

test('machines: labels, the jobs that reach each, and what became of it last', async () => {
  const { code, out } = await listed(null);
  assert.is(code, 0);
  assert.is(
    out,
    `MACHINE  TYPE    LABELS                JOBS    LAST
m1       Extend  rack=r7,role=compute  one,r7  done 2026-03-09T23:00:00Z one
m2       Extend  rack=r7,role=storage  r7      failed 2026-03-09T22:00:00Z r7: no \\u001b[31manswer
m3       Extend  rack=r8               -       -
`,
  );
});

test('machines: a selector, as JSON', async () => {
  const { code, out } = await listed('rack=r7,role!=compute', { format: 'json' });
  assert.is(code, 0);
  const found = JSON.parse(out) as readonly ListedMachine[];
  assert.equal(
    found.map(({ machine: { ID, Labels }, jobs, last }) => [ID, Labels, jobs, last?.outcome, last?.job]),
    [['m2', { rack: 'r7', role: 'storage' }, ['r7'], 'failed', 'r7']],
  );
});

for (const [what, run, expected] of [
  ['a run that goes on', { EndTime: null }, 'running 2026-03-09T22:00:00Z r7'],
  [
    'a part that was skipped',
    { Succeeded: 1, Skipped: 1, SkippedMachines: ['m2: Removed'] },
    'skipped 2026-03-09T22:00:00Z r7: Removed',
  ],
  [
    'more failures than are named',
    { Failed: 30, FailedMachines: ['m1: x', 'and 29 more'] },
    'unknown 2026-03-09T22:00:00Z r7',
  ],
] as const) {
  test(`machines: ${what}`, async () => {
    const { out } = await listed('role=storage', {}, { 'jobs/r7.status.yaml': ran('r7', ['m1', 'm2'], run) });
    assert.ok(out.includes(expected), out);
  });
}

test('machines: without status files, in a folder without Git, or where nothing fits', async () => {
  assert.match((await listed('rack=r8', {}, {})).out, /^m3 +Extend +rack=r8 +- +-$/m);
  const none = await listed('rack=r9');
  assert.equal([none.code, none.out, none.err], [1, '', 'no machine of 3 fits\n']);
  const wrong = await listed('rack=');
  assert.is(wrong.code, 2);
  assert.match(wrong.err, /"rack=" is no requirement of a selector/);
  assert.is((await listed(null, { folder: at.path('nowhere') })).code, 3);
});

test('machines: words are a selector, and a folder where the last one is one', () => {
  assert.equal(fleetAndSelector([]), { fleet: '.', selector: null });
  assert.equal(fleetAndSelector(['bmcron/no-restart']), { fleet: '.', selector: 'bmcron/no-restart' });
  assert.equal(fleetAndSelector(['rack=r7', '!gpu', at.root]), { fleet: at.root, selector: 'rack=r7,!gpu' });
});

test.run();
