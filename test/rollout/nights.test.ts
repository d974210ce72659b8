// A thousand nights of a job with a rollout, at random: bad payloads, crashes, edits, resumes. The facts go through
// JSON each night, as through a crash. W01–W15 together: no machine has what neither its wave nor a promotion allows.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MachineID } from '../../definitions/machine.ts';
import type { FullRollout } from '../../definitions/rollout/defaults.ts';
import { afterFlat, beginEffect, halt, pass, promote, resume, soak } from '../../definitions/rollout/facts.ts';
import { judgeOccurrence } from '../../definitions/rollout/occurrence.ts';
import { isOverBudget, judgeWave, type WaveProgress } from '../../definitions/rollout/progress.ts';
import { freezeWaves, nextWave } from '../../definitions/rollout/waves.ts';
import type { Outcome } from '../../definitions/run.ts';
import type { RolloutFacts } from '../../definitions/status.ts';
import { createRandom, type Random } from '../simulate/random.ts';

const MACHINES = Array.from({ length: 8 }, (_, index) => `m${index + 1}`);
const ROLLOUT: FullRollout = {
  Scope: 'NewEffect',
  Advance: 'NextRun',
  Waves: [
    { Name: 'canary', Machines: ['m1'], Soak: '30m' },
    { Name: 'rack', Machines: ['m2', 'm3', 'm4'], MaxFailures: 1 },
    { Name: 'gone', Machines: ['m99'] },
    { Name: 'rest', Rest: true, Soak: '10m' },
  ],
  FailureBudget: { Failed: '13%', Unreachable: '25%' },
  OnHalt: 'Promoted',
};
const FROZEN = freezeWaves(ROLLOUT, MACHINES, () => []);

interface World {
  facts: RolloutFacts;
  effect: number;
  resumes: number;
  /** The effect under way has passed these waves since it began. */
  readonly passed: Set<number>;
  readonly seen: Map<string, number>;
  now: Date;
}

const crashed = (facts: RolloutFacts): RolloutFacts => JSON.parse(JSON.stringify(facts));
const count = ({ seen }: World, what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
const oneIn = (random: Random, n: number) => random.below(n) === 0;

function edits(world: World, random: Random): void {
  if (oneIn(random, 12)) {
    world.effect++;
    world.passed.clear();
  }
  const isResumed = world.facts.Halted !== null && oneIn(random, 5);
  if (isResumed) world.resumes++;
  const begun = beginEffect(crashed(world.facts), { effect: `e${world.effect}`, waves: 'w' });
  world.facts = resume(begun, world.resumes > 0 ? { Resume: `r${world.resumes}` } : {});
  if (isResumed) assert.is(world.facts.Halted, null);
}

/** Every third effect is one that BMCs drop. */
function outcome(effect: number, random: Random): Outcome {
  if (oneIn(random, 20)) return 'Unreachable';
  if (effect % 3 === 2 && oneIn(random, 3)) return 'NotApplied';
  return oneIn(random, 60) ? 'Refused' : 'Applied';
}

function wave(world: World, index: number, random: Random): void {
  const machines = FROZEN.waves[index]?.machines ?? [];
  const results = new Map<MachineID, Outcome>();
  let progress: WaveProgress = { wave: index, spent: world.facts.Spent, results, ended: null, reverted: null };
  for (const id of machines) {
    if (judgeWave(FROZEN, progress, world.now).verdict === 'halt') break;
    results.set(id, oneIn(random, 40) ? 'Interrupted' : outcome(world.effect, random));
  }
  progress = { ...progress, ended: world.now };
  let found = judgeWave(FROZEN, progress, world.now);
  if (found.verdict === 'soak') {
    const limits = { MaxFailures: 0, MaxFailed: null, MaxUnreachable: null };
    const left = { Machines: machines, RunID: 'a@1', ...limits, Next: null };
    world.facts = crashed(soak(world.facts, found.until, { ...left, Wrong: found.spent }));
    assert.is(due(world).verdict, 'missed', 'nothing begins while a wave soaks');
    world.now = found.until;
    found = judgeWave(FROZEN, progress, world.now);
  }
  if (found.verdict === 'look') {
    const reverted = machines.filter(() => oneIn(random, 40));
    found = judgeWave(FROZEN, { ...progress, reverted }, world.now);
  }
  count(world, found.verdict);
  if (found.verdict === 'halt') world.facts = halt(world.facts, found.reason, found.machines, world.now);
  if (found.verdict !== 'passed') return;
  world.passed.add(index);
  const next = nextWave(FROZEN.waves, index + 1);
  const isLast = next === FROZEN.waves.length;
  if (isLast) assert.equal([...world.passed].sort(), [0, 1, 3], 'promoted by all of its waves');
  const version = { Commit: `c${world.effect}`, File: 'jobs/a.yaml' };
  world.facts = isLast ? promote(world.facts, version, MACHINES) : pass(world.facts, found.spent, next);
}

function due({ facts, effect, now }: World) {
  const known = new Set(MACHINES);
  const occurrence = { rollout: ROLLOUT, frozen: FROZEN, isState: true, isRunning: false, known };
  return judgeOccurrence({ ...occurrence, facts, effect: `e${effect}` }, now);
}

function night(world: World, random: Random): void {
  edits(world, random);
  const before = world.facts;
  const found = due(world);
  count(world, found.verdict);
  if (before.Halted) assert.ok(found.verdict === 'promoted' || found.verdict === 'missed', found.verdict);
  if (found.verdict === 'flat') {
    assert.is(before.Promoted?.Effect, `e${world.effect}`);
    const outcomes = MACHINES.map(() => outcome(world.effect, random));
    world.facts = afterFlat(before, isOverBudget(FROZEN, outcomes) ? ['m1'] : null, world.now);
  }
  if (found.verdict === 'promoted') assert.equal(found.version, before.Promoted);
  if (found.verdict !== 'wave') return;
  const others = found.promoted?.machines ?? [];
  const passed = [...world.passed].flatMap((index) => FROZEN.waves[index]?.machines ?? []);
  assert.equal([...found.again], passed, 'the new effect again: only on who has passed');
  assert.not(others.some((id) => passed.includes(id) || FROZEN.waves[found.wave]?.machines.includes(id)));
  if (found.promoted) assert.is.not(found.promoted.version.Effect, `e${world.effect}`);
  wave(world, found.wave, random);
}

for (const seed of [1, 2, 3]) {
  test(`W01–W15 seed ${seed}: a thousand nights keep to waves and promotions`, () => {
    const random = createRandom(seed);
    const facts = beginEffect(null, { effect: 'e0', waves: 'w' });
    const start = new Date('2026-01-01T22:00:00Z');
    const world: World = { facts, effect: 0, resumes: 0, passed: new Set(), seen: new Map(), now: start };
    for (let day = 0; day < 1_000; day++) {
      world.now = new Date(start.getTime() + day * 86_400_000);
      night(world, random);
    }
    for (const each of ['wave', 'flat', 'promoted', 'halt', 'repeat', 'passed']) {
      assert.ok((world.seen.get(each) ?? 0) > 5, `${each}: ${world.seen.get(each)}`);
    }
  });
}

test.run();
