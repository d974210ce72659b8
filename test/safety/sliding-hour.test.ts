// G02 as a property: whatever begins, ends, is skipped or crashes, in no hour more machines are reached than allowed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { completeGuards } from '../../definitions/guard.ts';
import { createGuardState, type GuardState } from '../../definitions/lifecycle/guard-state.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { Outcome } from '../../definitions/run.ts';
import { runVerdict } from '../../definitions/safety/gates.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import { timestamp } from '../../definitions/values/time.ts';
import { createRandom, type Random } from '../simulate/random.ts';
import { claimOf, jobOf, OPEN_GATES } from '../support/jobs.ts';

const MOST = 4;
const HOUR_MS = 3_600_000;
const START = Date.parse('2026-03-10T00:00:00Z');
const MACHINES = Array.from({ length: 12 }, (_, index) => `m${index}`);
const SETTINGS = {
  ...DEFAULT_SETTINGS,
  Guards: completeGuards([{ Class: 'Thermal', MaxMachines: MOST, Per: '1h' }]),
};

interface OpenPart {
  readonly run: string;
  readonly machine: string;
  /** When it begins, and ends. */
  readonly begins: number;
  readonly ends: number;
  readonly outcome: Outcome | 'Skipped';
}

/** A service's guards as a start finds them: what the journal says, and the settings. */
function startOn(journal: readonly JournalRecord[], now: number): GuardState {
  const guards = createGuardState();
  for (const record of journal) guards.note(record);
  guards.follow(SETTINGS, new Date(now));
  return guards;
}

function result({ run, machine, begins }: OpenPart, outcome: Outcome, at: number): JournalRecord {
  const log = {
    JobID: 'fans',
    MachineID: machine,
    Action: 'PatchFanZone',
    Status: outcome === 'Applied' || outcome === 'Unchanged' ? ('success' as const) : ('failed' as const),
    Timestamp: timestamp(new Date(begins)),
    ExecutionTime: `${((at - begins) / 1000).toFixed(3)}s`,
    Result: null,
    Error: null,
  };
  return { kind: 'result', run, outcome, path: `logs/${run}-${machine}`, log };
}

/** A day of runs; returns when each machine was reached, and how many runs began. */
function day(random: Random): { reached: { machine: string; at: number }[]; runs: number } {
  const journal: JournalRecord[] = [];
  const reached: { machine: string; at: number }[] = [];
  let guards = startOn(journal, START);
  let open: OpenPart[] = [];
  let runs = 0;
  const note = (record: JournalRecord) => {
    journal.push(record);
    guards.note(record);
  };
  const finish = (run: string, now: number) =>
    note({ kind: 'finish', run, job: 'fans', end: timestamp(new Date(now)), succeeded: 0, failures: 0, failed: [] });
  for (let now = START; now < START + 24 * HOUR_MS; now += 60_000) {
    for (const part of open.filter(({ begins }) => begins >= now - 60_000 && begins < now)) {
      if (part.outcome !== 'Skipped' && part.outcome !== 'Unchanged')
        reached.push({ machine: part.machine, at: part.begins });
    }
    for (const part of open.filter(({ ends }) => ends < now)) {
      const { run, machine, outcome, ends } = part;
      if (outcome === 'Skipped') note({ kind: 'skip', run, skip: { machine, reason: 'Hold', message: 'Hold' } });
      else note(result(part, outcome, ends));
      open = open.filter((each) => each !== part);
      if (!open.some((each) => each.run === run)) finish(run, now);
    }
    if (random.chance(0.01)) {
      for (const part of open) if (part.begins < now) journal.push(result(part, 'Interrupted', part.begins));
      const cutOff = new Set(open.map(({ run }) => run));
      open = [];
      guards = startOn(journal, now);
      for (const run of cutOff) finish(run, now);
    }
    if (!random.chance(0.2)) continue;
    const machines = MACHINES.filter(() => random.chance(0.15));
    const job = jobOf('fans', { Machines: machines, Action: 'PatchFanZone' });
    const claim = claimOf(job, timestamp(new Date(now)));
    const verdict = runVerdict({ job, claim }, new Date(now), { ...OPEN_GATES, guards });
    if (verdict.verdict !== 'begin' || machines.length === 0) continue;
    guards.take(claim);
    if (random.chance(0.1)) {
      guards.release(claim.run); // the disk was full
      continue;
    }
    runs += 1;
    note({ kind: 'claim', claim });
    for (const machine of machines) {
      const begins = now + random.below(40) * 60_000; // it waits for a window, for its turn
      const ends = begins + random.below(30) * 60_000;
      const outcome = random.pick<OpenPart['outcome']>(['Applied', 'Applied', 'Unreachable', 'Unchanged', 'Skipped']);
      open.push({ run: claim.run, machine, begins, ends, outcome });
    }
  }
  return { reached, runs };
}

for (let seed = 1; seed <= 40; seed += 1) {
  test(`G02 in no hour of a day more than ${MOST} machines are reached, from seed ${seed}`, () => {
    const { reached, runs } = day(createRandom(seed));
    assert.ok(runs > 5, `${runs} runs`);
    const sorted = reached.sort((a, b) => a.at - b.at);
    for (const { at } of sorted) {
      const within = sorted.filter((each) => each.at > at - HOUR_MS && each.at <= at).map(({ machine }) => machine);
      assert.ok(
        new Set(within).size <= MOST,
        `${[...new Set(within)]} in the hour before ${new Date(at).toISOString()}`,
      );
    }
  });
}

test.run();
