import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { trigger } from '../../controller/cli/trigger.ts';
import { outcomeOf } from '../../controller/cli/trigger-wait.ts';
import { systemClock } from '../../controller/clock.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { type LastRun, type LastTrigger, type Status, statusDocument } from '../../definitions/status.ts';
import { print } from '../../definitions/yaml/document.ts';
import { commit, createGitFolder, GIT_ENVIRONMENT, git, until, workTree } from '../support/git-folder.ts';
import { job, machines, sink, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const at = createGitFolder();
test.after(() => at.remove());

const PERSON = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'Bo'],
    [`GIT_${role}_EMAIL`, 'bo@example.com'],
  ]),
);
const environment = { ...GIT_ENVIRONMENT, ...PERSON };

const RAN: LastRun = {
  RunID: 'a@t1',
  Trigger: 'Manual',
  NominalTime: '2026-03-10T12:00:00Z',
  StartTime: '2026-03-10T12:00:00Z',
  EndTime: '2026-03-10T12:00:05Z',
  Succeeded: 2,
  Failed: 0,
  FailedMachines: [],
};
const taken = (Token: string, more: Partial<LastTrigger> = {}): LastTrigger => {
  return { Token, Time: '2026-03-10T12:00:00Z', Outcome: 'Accepted', Message: `a@${Token}`, ...more };
};

for (const [what, LastTrigger, LastRun, expected] of [
  ['nothing was triggered yet', null, null, 'none yet'],
  ['the token before it', taken('t0'), { ...RAN, RunID: 'a@t0' }, 'none yet'],
  ['refused', taken('t1', { Outcome: 'Refused', Message: 'frozen' }), null, 'refused'],
  ['it runs', taken('t1'), { ...RAN, EndTime: null }, 'runs'],
  ['it has ended', taken('t1'), RAN, 'ended'],
  ['it was the run of a due time', taken('t1', { Message: 'a@12:00' }), { ...RAN, RunID: 'a@12:00' }, 'ended'],
  ['the next scheduled run has begun', taken('t1'), { ...RAN, RunID: 'a@later' }, 'overtaken'],
  ['another token was given since', taken('t2', { Before: ['t1'] }), { ...RAN, RunID: 'a@t2' }, 'overtaken'],
] as const) {
  test(`#19 what has become of a token: ${what}: ${expected}`, () => {
    assert.is(outcomeOf({ LastTrigger, LastRun }, 't1').outcome, expected);
  });
}

/** A controller for one job: once the trigger has said so it publishes what comes of it, step by step. */
async function publish(
  folder: string,
  said: { readonly text: string },
  steps: (token: string) => readonly Partial<Status>[],
): Promise<void> {
  const { fleet } = view({ 'machines/all.yaml': machines(1), 'jobs/a.yaml': job() });
  const known = fleet.jobs.get('a');
  if (!known) throw new Error('no job');
  await until(() => said.text !== ''); // its commit is made, and it waits
  const [, token = ''] = /^Trigger: (.+)$/m.exec(git(folder, 'show', 'HEAD:jobs/a.yaml')) ?? [];
  for (const step of steps(token)) {
    commit(folder, { 'jobs/a.status.yaml': print([statusDocument({ ...accepted(known, NOW, NOW), ...step })]) });
  }
}

const failed = { Succeeded: 1, Failed: 1, FailedMachines: ['m2: transient: no answer'] };
for (const [what, steps, code, said] of [
  [
    'done on every machine',
    (token: string) => [{ LastTrigger: taken(token), LastRun: { ...RAN, RunID: `a@${token}` } }],
    0,
    /a@\S+: 2 machines done, 0 failed\n$/,
  ],
  [
    'failed on one',
    (token: string) => [
      { LastTrigger: taken(token), LastRun: { ...RAN, RunID: `a@${token}`, EndTime: null } },
      { LastTrigger: taken(token), LastRun: { ...RAN, RunID: `a@${token}`, ...failed } },
    ],
    1,
    /1 machine done, 1 failed\n {2}m2: transient: no answer\n$/,
  ],
  [
    'refused by a gate',
    (token: string) => [{ LastTrigger: taken(token, { Outcome: 'Refused', Message: 'Frozen by Year end' }) }],
    1,
    /refused: Frozen by Year end/,
  ],
] as const) {
  test(`#19 trigger --wait: ${what}: exit ${code}`, async () => {
    const folder = workTree(at.path(`wait-${code}-${what}`), {
      'machines/all.yaml': machines(1),
      'jobs/a.yaml': job(),
    });
    const [out, err] = [sink(), sink()];
    const given = { folder, job: 'a', format: 'text', push: false, environment } as const;
    const waiting = trigger({ ...given, wait: true, timeoutMs: 60_000, clock: systemClock, out, err });
    await publish(folder, out, steps);
    assert.is(await waiting, code, err.text);
    assert.match(out.text + err.text, said);
  });
}

test('#19 trigger --wait: nobody takes the token: exit 3, and where to look', async () => {
  const folder = workTree(at.path('nobody'), { 'machines/all.yaml': machines(1), 'jobs/a.yaml': job() });
  const [out, err] = [sink(), sink()];
  const given = { folder, job: 'a', format: 'text', push: false, environment } as const;
  assert.is(await trigger({ ...given, wait: true, timeoutMs: 100, clock: systemClock, out, err }), 3);
  assert.match(err.text, /its end has not come in time: no run of it was seen; see bmcron logs a/);
});

test.run();
