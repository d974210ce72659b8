// Nights of a rollout at random: bad payloads, BMCs that fail, edits, resumes, and kills in the middle of runs. No
// machine ever gets a version that neither its wave nor a promotion allows, and every halt survives (W01–W15, R63–R65).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rollout } from '../../definitions/job.ts';
import { effectOf } from '../../definitions/rollout/effect.ts';
import type { Part } from '../../definitions/run.ts';
import type { RolloutFacts } from '../../definitions/status.ts';
import { createRandom, type Random } from '../simulate/random.ts';
import type { TestSystem } from '../support/controller.ts';
import { fleet, ids, JOB, nextNight, rolled } from '../support/rollouts.ts';
import { systemTest } from './scenario.ts';

const PROFILES = ['Balanced', 'PowerSaver', 'Performance'];
const WAVES: Rollout['Waves'] = [
  { Name: 'canary', Machines: ids(1) },
  { Name: 'rack', Machines: ids(2, 3), MaxFailures: 1, MaxConcurrent: 1 },
  { Name: 'rest', Rest: true, MaxConcurrent: 2 },
];
const WAVE_OF = [0, 1, 1, 2, 2];
const NIGHTS = 18;

const effectOfProfile = (Profile: string) =>
  effectOf({ Action: 'PatchProfile', Payload: [{ ManagerID: 'bmc', Payload: { Profile } }] });

interface World {
  readonly system: TestSystem;
  readonly random: Random;
  readonly seen: Map<string, number>;
  profile: string;
  resumes: number;
}

const count = ({ seen }: World, what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
const oneIn = ({ random }: World, n: number) => random.below(n) === 0;
const factsOf = ({ system }: World) => system.status('a').Rollout as RolloutFacts;

async function edit(world: World, advance: 'NextRun' | 'InRun'): Promise<void> {
  const { system, random } = world;
  if (factsOf(world).Halted) count(world, 'halted');
  if (oneIn(world, 5)) world.profile = PROFILES[random.below(PROFILES.length)] ?? world.profile;
  if (factsOf(world).Halted && oneIn(world, 2)) world.resumes += 1;
  const Resume = world.resumes > 0 ? { Resume: `r${world.resumes}` } : {};
  const text = rolled(world.profile, { Waves: WAVES, Advance: advance, ...Resume });
  await system.push({ [JOB]: text });
}

/** Kills the service where it is; what is durable of the rollout stands. */
async function kill(world: World): Promise<void> {
  const { system } = world;
  const before = factsOf(world);
  await system.crash();
  await system.start();
  count(world, 'kill');
  const after = factsOf(world);
  if (before.Halted) {
    assert.equal(after.Halted, before.Halted, 'every halt survives');
    count(world, 'halt survived');
  }
  assert.ok(
    after.Wave >= before.Wave || after.Promoted?.Effect === after.Effect,
    'no wave comes twice that has passed',
  );
}

const waveOf = (machine: string) => WAVE_OF[Number(machine.replace('machine-', '')) - 1] ?? 0;
const profileOf = (part: Part) => String(part.payload[0]?.Payload['Profile']);

/** What the parts of a night have set is what a promotion allows, or their wave: that has come, or came in this run. */
function judge(world: World, begun: RolloutFacts, since: number): void {
  const parts = world.system.bmcs.carried.slice(since);
  for (const { part, start } of parts) {
    const effect = effectOfProfile(profileOf(part));
    const wave = waveOf(part.machine.ID);
    if (begun.Promoted?.Effect === effect) count(world, 'promoted');
    else {
      const told = `${part.machine.ID} of wave ${wave} got ${profileOf(part)}, wave ${begun.Wave} was under way`;
      assert.ok(effect === begun.Effect && !begun.Halted, told);
      const before = parts.filter((each) => waveOf(each.part.machine.ID) === wave - 1);
      const passed = before.filter(({ part: its, end }) => end && end <= start && profileOf(its) === profileOf(part));
      assert.ok(wave <= begun.Wave || passed.length === WAVE_OF.filter((each) => each === wave - 1).length, told);
      count(world, 'by its wave');
    }
  }
}

async function night(world: World): Promise<void> {
  const { system, random } = world;
  const begun = factsOf(world);
  const since = system.bmcs.carried.length;
  for (const machine of ids(1, 2, 3, 4, 5)) {
    const fails = oneIn(world, 8) && { error: 'broken (permanent)' };
    system.bmcs.behave(machine, { takesMs: random.below(20) * 1_000, ...fails });
  }
  await nextNight(system, 0);
  if (oneIn(world, 2)) {
    await system.advance(random.below(25) * 1_000);
    await kill(world);
  }
  await system.advance(120_000);
  judge(world, begun, since);
}

for (const [seed, advance] of [
  [1, 'NextRun'],
  [2, 'InRun'],
] as const) {
  systemTest(
    `W01–W15 R63–R65 seed ${seed}, ${advance}: ${NIGHTS} nights with kills keep to waves and promotions`,
    async (create) => {
      const random = createRandom(seed);
      const system = await create({
        files: { ...fleet(5), [JOB]: rolled('Balanced', { Waves: WAVES, Advance: advance }) },
      });
      const world: World = { system, random, seen: new Map(), profile: 'Balanced', resumes: 0 };
      for (let day = 0; day < NIGHTS; day += 1) {
        await edit(world, advance);
        await night(world);
      }
      for (const what of ['kill', 'halted', 'promoted', 'by its wave']) {
        assert.ok((world.seen.get(what) ?? 0) > 0, `${what}: ${JSON.stringify([...world.seen])}`);
      }
    },
  );
}

test.run();
