// What a crash in a wave leaves: the facts follow from the claim and the results that are on record (W13, R65).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rollout } from '../../definitions/job.ts';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { closeOpenRuns, remember } from '../../definitions/lifecycle/recovery.ts';
import { withRollout } from '../../definitions/lifecycle/rollout-facts.ts';
import { inWaves } from '../../definitions/lifecycle/rollout-start.ts';
import { started } from '../../definitions/lifecycle/run-status.ts';
import type { Outcome } from '../../definitions/run.ts';
import { type LogRecord, logRecord } from '../../definitions/run-log.ts';
import type { RolloutFacts, Status } from '../../definitions/status.ts';
import { claimOf, factsOf, jobOf, OPEN_GATES } from '../support/jobs.ts';

const NOW = new Date('2026-03-10T22:00:00Z');
const Machines = ['m1', 'm2', 'm3', 'm4'];

/** The facts after a crash in the first wave, of m1 to m3, with these parts on record; `begun` had begun. */
async function afterCrash(
  rollout: Partial<Rollout>,
  outcomes: Readonly<Record<string, Outcome>>,
  begun: readonly string[] = [],
) {
  const Waves = [
    { Name: 'first', Machines: Machines.slice(0, 3), ...rollout.Waves?.[0] },
    { Name: 'rest', Rest: true as const },
  ];
  const job = jobOf('a', { Machines, Rollout: { ...rollout, Waves } });
  const accepted = factsOf(job);
  const status = withRollout(accepted, job, { status: accepted, file: job.source.file });
  const start = inWaves({ job, claim: claimOf(job, '2026-03-10T22:00:00Z') }, status, NOW, OPEN_GATES);
  if (!('claim' in start)) throw new Error(start.message);
  const { claim } = start;
  const log = (machine: string, outcome: Outcome): LogRecord =>
    logRecord(
      claim,
      { machine, outcome, entries: [], error: outcome === 'Applied' ? null : 'no (permanent)' },
      1,
      NOW,
      1,
    );
  const records: JournalRecord[] = [
    { kind: 'status', path: 'jobs/a.status.yaml', documents: [started(status, claim, null)] },
    { kind: 'claim', claim },
    ...[...Object.keys(outcomes), ...begun].map((machine) => ({ kind: 'begin', run: claim.run, machine }) as const),
    ...Object.entries(outcomes).map(([machine, outcome]) => {
      return { kind: 'result', run: claim.run, outcome, path: `logs/${machine}`, log: log(machine, outcome) } as const;
    }),
  ];
  const entries = records.map((record, index): JournalEntry => ({ seq: index + 1, record }));
  const closing = closeOpenRuns(await remember(entries), ({ MachineID }) => `logs/${MachineID}`, NOW, 'UTC');
  const facts = closing.findLast((record) => record.kind === 'status')?.documents[0] as Status;
  const { Halted, Wave, Soak } = facts.Rollout as RolloutFacts;
  const { Succeeded, Failed, Skipped = 0 } = facts.LastRun ?? {};
  return [Halted?.Reason ?? null, Wave, Soak?.Machines.length ?? 0, [Succeeded, Failed, Skipped].join()];
}

const DONE = { m1: 'Applied', m2: 'Applied', m3: 'Applied' } as const;

for (const [what, rollout, outcomes, begun, expected] of [
  ['nothing had begun: all is skipped', {}, {}, [], [null, 0, 0, '0,0,3']],
  ['what had begun is interrupted, the rest skipped', {}, { m1: 'Applied' }, ['m2'], [null, 0, 0, '1,1,1']],
  ['all had ended: the wave has passed', {}, DONE, [], [null, 1, 0, '3,0,0']],
  ['too many had failed: it is halted', {}, { m1: 'Refused' }, ['m2'], ['WaveFailed', 0, 0, '0,2,1']],
  [
    'of all waves, too',
    { FailureBudget: { Failed: 0 }, Waves: [{ Name: 'first', MaxFailures: 3 }] },
    { m1: 'Refused' },
    [],
    ['BudgetExceeded', 0, 0, '0,1,2'],
  ],
  ['all had ended: the wave soaks', { Waves: [{ Name: 'first', Soak: '30m' }] }, DONE, [], [null, 0, 3, '3,0,0']],
  ['in one run, likewise', { Advance: 'InRun' }, DONE, [], [null, 1, 0, '3,0,1']],
  ['in one run, in its second wave', { Advance: 'InRun' }, { ...DONE, m4: 'Applied' }, [], [null, 0, 0, '4,0,0']],
] as const) {
  test(`W13 R65 a crash in a wave, ${what}`, async () => {
    assert.equal(await afterCrash(rollout as Partial<Rollout>, outcomes, begun), expected);
  });
}

test.run();
