// The judgement of rollouts, row by row: W01–W15.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MachineID } from '../../definitions/machine.ts';
import type { FullRollout } from '../../definitions/rollout/defaults.ts';
import { effectOf } from '../../definitions/rollout/effect.ts';
import {
  afterFlat,
  beginEffect,
  halt,
  partSkipped,
  pass,
  promote,
  resume,
  soak,
} from '../../definitions/rollout/facts.ts';
import { type DueRollout, judgeOccurrence } from '../../definitions/rollout/occurrence.ts';
import { isOverBudget, judgeWave, type WaveProgress } from '../../definitions/rollout/progress.ts';
import { canaryFault, freezeWaves, nextWave, waveFault } from '../../definitions/rollout/waves.ts';
import type { Outcome } from '../../definitions/run.ts';
import type { RolloutFacts } from '../../definitions/status.ts';

const NOW = new Date('2026-03-10T22:00:00Z');
const MACHINES = Array.from({ length: 10 }, (_, index) => `m${index + 1}`);
const RACK = ['m1', 'm2', 'm3', 'm4'];
const ROLLOUT: FullRollout = {
  Scope: 'NewEffect',
  Advance: 'NextRun',
  Waves: [
    { Name: 'canary', Machines: ['m1'], Soak: '30m' },
    { Name: 'r7', MachineSelector: { MatchLabels: { rack: 'r7' } }, MaxFailures: 1 },
    { Name: 'rest', Rest: true, MaxConcurrent: '25%', MaxFailures: '20%' },
  ],
  OnHalt: 'Promoted',
};
const freeze = (rollout: Partial<FullRollout> = {}, machines: readonly MachineID[] = MACHINES) =>
  freezeWaves({ ...ROLLOUT, ...rollout }, machines, () => RACK);
const FROZEN = freeze();
const begin = (facts: RolloutFacts | null, effect: string) => beginEffect(facts, { effect, waves: 'w' });
const NONE = { Failed: 0, Unreachable: 0 };
const FIRST = begin(null, 'old');
const PROMOTED = promote(FIRST, { Commit: 'c1', File: 'jobs/a.yaml' }, MACHINES);
const NEW = begin(PROMOTED, 'new');
const version = { Effect: 'old', Commit: 'c1', File: 'jobs/a.yaml' };
const judge = (over: Partial<DueRollout> = {}, now = NOW) =>
  judgeOccurrence(
    {
      rollout: ROLLOUT,
      effect: 'new',
      isState: true,
      frozen: FROZEN,
      facts: NEW,
      isRunning: false,
      known: new Set(MACHINES),
      ...over,
    },
    now,
  );

test('W01 a new effect, the very first too, starts at wave 1; others keep the promoted version, if any', () => {
  const wave = { verdict: 'wave', wave: 0, again: [] };
  assert.equal(judge({ effect: 'old', facts: FIRST }), { ...wave, promoted: null });
  assert.equal(judge(), { ...wave, promoted: { version, machines: MACHINES.slice(1) } });
  assert.equal(judge({ isState: false }), { ...wave, promoted: null });
  assert.equal(judge({ rollout: { ...ROLLOUT, Advance: 'InRun' } }), { ...wave, promoted: null });
});

test('W01 the second wave: who passed gets the new effect again, who waits the promoted version', () => {
  const facts = pass(NEW, { Failed: 0, Unreachable: 0 }, 1);
  const promoted = { version, machines: MACHINES.slice(4) };
  assert.equal(judge({ facts }), { verdict: 'wave', wave: 1, again: ['m1'], promoted });
});

test('W02 a promoted effect runs flat within the last wave’s MaxConcurrent; EveryRun by waves again', () => {
  const due = { effect: 'old', facts: PROMOTED };
  assert.equal(judge(due), { verdict: 'flat', machines: MACHINES, joining: [], maxConcurrent: 2 });
  const again = judge({ ...due, rollout: { ...ROLLOUT, Scope: 'EveryRun' } });
  assert.equal(again, { verdict: 'wave', wave: 0, again: [], promoted: null });
});

test('W03 only Action and Payload make an effect; machines that are new join after the known ones', () => {
  const spec = { Action: 'PatchSystem', Payload: [{ Payload: { AssetTag: 'a' } }] };
  assert.is(effectOf({ ...spec, Schedule: 'x', Machines: ['m9'] } as never), effectOf(spec));
  assert.is.not(effectOf({ ...spec, Payload: [{ Payload: { AssetTag: 'b' } }] }), effectOf(spec));
  assert.is.not(effectOf({ ...spec, Action: 'PatchChassis' }), effectOf(spec));
  assert.is(begin(PROMOTED, 'old'), PROMOTED);
  const joined = judge({ effect: 'old', facts: PROMOTED, known: new Set(RACK) });
  assert.equal(joined, { verdict: 'flat', machines: RACK, joining: MACHINES.slice(4), maxConcurrent: 2 });
});

const MIXED = freeze({ FailureBudget: { Failed: '5%', Unreachable: '10%' } });
const progress = (wave: number, outcomes: readonly Outcome[], over: Partial<WaveProgress> = {}): WaveProgress => ({
  wave,
  spent: NONE,
  results: new Map(outcomes.map((outcome, index) => [FROZEN.waves[wave]?.machines[index] ?? '', outcome])),
  ended: NOW,
  reverted: null,
  ...over,
});
const at = (minute: number) => new Date(NOW.getTime() + minute * 60_000);
const going = { ended: null };
const looked = { reverted: [] };
const spent1 = { spent: { Failed: 1, Unreachable: 1 } };

for (const [name, frozen, given, minute, expected] of [
  ['W04 parts ended: the wave soaks', FROZEN, progress(0, ['Applied']), 0, 'soak'],
  ['W04 a soak is over: a second look', FROZEN, progress(0, ['Applied']), 30, 'look'],
  ['W04 values have stayed', FROZEN, progress(0, ['Applied'], looked), 30, 'passed'],
  ['W04 values went back', FROZEN, progress(0, ['Applied'], { reverted: ['m1'] }), 30, 'halt WaveFailed m1'],
  ['W04 no soak, no second look', FROZEN, progress(1, ['Applied', 'Unchanged', 'Applied']), 0, 'passed'],
  ['W05 MaxFailures is reached', FROZEN, progress(1, ['NotApplied'], going), 0, 'going'],
  ['W05 it is exceeded', FROZEN, progress(1, ['NotApplied', 'Refused'], going), 0, 'halt WaveFailed m2,m3'],
  ['W05 the budget of all waves is exceeded', MIXED, progress(1, ['Refused'], going), 0, 'halt BudgetExceeded m2'],
  ['W07 unreachable within its budget', MIXED, progress(1, ['Unreachable', 'Applied', 'Applied']), 0, 'passed'],
  ['W07 over it', MIXED, progress(1, ['Unreachable'], { ...going, ...spent1 }), 0, 'halt BudgetExceeded m2'],
  ['W07 without that budget: as failed', FROZEN, progress(0, ['Unreachable'], going), 0, 'halt WaveFailed m1'],
  ['W07 the canary is not reached: nothing is proved', MIXED, progress(0, ['Unreachable']), 0, 'halt NothingProved m1'],
  ['W08 Unsupported counts as failed', FROZEN, progress(0, ['Unsupported']), 0, 'halt WaveFailed m1'],
  ['W08 Staged counts as done', FROZEN, progress(1, ['Staged', 'Staged', 'Staged']), 0, 'passed'],
  ['W13 a crash cut it off', FROZEN, progress(1, ['Applied', 'Interrupted', 'Applied']), 0, 'repeat'],
  ['W13 parts were never begun', FROZEN, progress(1, ['Applied']), 0, 'repeat'],
] as const) {
  test(`${name}: ${expected}`, () => {
    const found = judgeWave(frozen, given, at(minute));
    const told = found.verdict === 'halt' ? `halt ${found.reason} ${found.machines}` : found.verdict;
    assert.is(told, expected);
  });
}

test('W04 the soak ends its time after the last part, and no occurrence begins before', () => {
  assert.equal(judgeWave(FROZEN, progress(0, ['Applied']), NOW), { verdict: 'soak', until: at(30), spent: NONE });
  const limits = { MaxFailures: 0, MaxFailed: null, MaxUnreachable: null };
  const left = { Machines: ['m1'], RunID: 'a@1', Wrong: NONE, ...limits, Next: 1 };
  const facts = soak(NEW, new Date(at(30).getTime() - 1), left);
  assert.is(facts.Soak?.End, '2026-03-10T22:30:00Z');
  assert.equal(judge({ facts }, new Date(at(30).getTime() - 1)), { verdict: 'missed', reason: 'Running' });
  assert.is(judge({ facts }, at(30)).verdict, 'wave');
});

test('W05 what a wave took of the budget is carried to the next', () => {
  const frozen = freeze({ FailureBudget: { Failed: 1 } });
  const first = judgeWave(frozen, progress(1, ['Refused', 'Applied', 'Applied']), NOW);
  assert.equal(first, { verdict: 'passed', spent: { Failed: 1, Unreachable: 0 } });
  const next = judgeWave(frozen, progress(2, ['Refused'], { spent: { Failed: 1, Unreachable: 0 }, ended: null }), NOW);
  assert.equal(next, { verdict: 'halt', reason: 'BudgetExceeded', machines: ['m5'] });
});

test('W06 percents are of all machines: budgets round down, concurrency too, but at least to 1', () => {
  assert.equal([MIXED.maxFailed, MIXED.maxUnreachable, FROZEN.waves[2]?.maxFailures], [0, 1, 2]);
  assert.is(FROZEN.waves[2]?.maxConcurrent, 2);
  assert.is(freeze({}, ['m1', 'm9']).waves[2]?.maxConcurrent, 1);
  const many = Array.from({ length: 100 }, (_, index) => `m${index}`);
  assert.is(freeze({ FailureBudget: { Failed: '29%' } }, many).maxFailed, 29);
});

test('W09 an empty wave is passed over; a first one without machines refuses', () => {
  const frozen = freeze({}, ['m1', 'm9']);
  assert.is(nextWave(frozen.waves, 1), 2);
  assert.is(nextWave(frozen.waves, 3), 3);
  assert.is(canaryFault(FROZEN), null);
  const refused = judge({ frozen: freeze({}, ['m2', 'm9']) });
  assert.match(
    refused.verdict === 'refused' ? refused.reason : '',
    /^NoCanary: the first wave, canary, has no machine/,
  );
});

test('W10 a machine that fits two waves is in the first; the last, and only it, is the rest', () => {
  assert.equal(
    FROZEN.waves.map(({ machines }) => machines.join()),
    ['m1', 'm2,m3,m4', 'm5,m6,m7,m8,m9,m10'],
  );
  assert.is(waveFault(ROLLOUT.Waves), null);
  for (const waves of [ROLLOUT.Waves.slice(0, 2), [...ROLLOUT.Waves].reverse(), [...ROLLOUT.Waves, ...ROLLOUT.Waves]]) {
    assert.match(waveFault(waves) ?? '', /^the last wave, and only it, has `Rest: true`/);
  }
});

test('W11 an occurrence that finds an earlier run still going is missed', () => {
  assert.equal(judge({ isRunning: true }), { verdict: 'missed', reason: 'Running' });
});

test('W12 an edit, Suspend or deletion ends the run at the boundary; a new effect starts at wave 1, not halted', () => {
  assert.is(partSkipped('new', NEW, { effect: 'new' }), null);
  assert.is(partSkipped('new', NEW, { effect: 'newer' }), 'Withdrawn');
  assert.is(partSkipped('new', NEW, { effect: 'new', Suspend: true }), 'Withdrawn');
  assert.is(partSkipped('new', NEW, null), 'Withdrawn');
  const halted = halt(pass(NEW, { Failed: 1, Unreachable: 0 }, 1), 'WaveFailed', ['m2'], NOW);
  assert.is(partSkipped('new', halted, { effect: 'new' }), 'RolloutHalted');
  assert.equal(begin(halted, 'newer'), { ...NEW, Effect: 'newer' });
});

const HALTED = halt(NEW, 'WaveFailed', ['m1'], NOW);
const MISSED = { verdict: 'missed', reason: 'RolloutHalted' } as const;

for (const [name, over, expected] of [
  ['Promoted: that version on all machines', {}, { verdict: 'promoted', version, machines: MACHINES }],
  ['none promoted yet', { facts: { ...HALTED, Promoted: null } }, MISSED],
  ['an action that is no State', { isState: false }, MISSED],
  ['Hold', { rollout: { ...ROLLOUT, OnHalt: 'Hold' } }, MISSED],
  ['the promoted version itself is halted', { effect: 'old', facts: { ...HALTED, Effect: 'old' } }, MISSED],
] as const) {
  test(`W14 while halted, ${name}: ${expected.verdict}`, () => {
    assert.equal(judge({ facts: HALTED, ...over }), expected);
  });
}

test('W14 a Resume takes the halted wave again, once; one that was there before the halt does not', () => {
  const facts = halt(pass(NEW, { Failed: 0, Unreachable: 0 }, 1), 'WaveFailed', ['m2'], NOW);
  const resumed: RolloutFacts = resume(facts, { Resume: 'fixed' });
  assert.equal([resumed.Halted, resumed.Wave, resumed.Resumed], [null, 1, 'fixed']);
  const again = halt(resumed, 'WaveFailed', ['m2'], NOW);
  assert.is(resume(again, { Resume: 'fixed' }), again);
  assert.is(resume(again, {}), again);
  assert.is(begin(resumed, 'newer').Resumed, 'fixed');
});

test('W15 a flat run over the budget skips its rest; the third in a row halts, a good one between forgives', () => {
  assert.not(isOverBudget(MIXED, ['Applied', 'Unreachable']));
  assert.ok(isOverBudget(MIXED, ['Applied', 'Unreachable', 'Unreachable']));
  assert.ok(isOverBudget(MIXED, ['Refused']));
  assert.not(isOverBudget(FROZEN, ['Refused', 'Unreachable']));
  assert.ok(
    isOverBudget(freeze({ FailureBudget: { Failed: 0 } }), ['Unreachable']),
    'as failed without a budget (W07)',
  );
  const bad = (facts: RolloutFacts) => afterFlat(facts, ['m2'], NOW);
  const twice = bad(bad(PROMOTED));
  assert.is(twice.Halted, null);
  assert.equal(bad(twice).Halted, { Since: '2026-03-10T22:00:00Z', Reason: 'BudgetExceeded', Machines: ['m2'] });
  assert.is(bad(bad(afterFlat(twice, null, NOW))).Halted, null);
});

test.run();
