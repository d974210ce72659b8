// Controllers, workers and servers that are killed and paused while people commit and runs go on; then the oracle.
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom, type Random } from '../simulate/random.ts';
import { git } from '../support/git-folder.ts';
import { type ControllerProcess, createEngineFleet, type EngineFleet, tokenJob } from '../support/nats/fleet.ts';
import type { GuardedProcess } from '../support/nats/guarded-process.ts';

const JOBS = ['a', 'b', 'c'];
const MACHINES = ['far-1', 'far-2', 'far-3', 'near-1'];
/** How long what goes on may take to end once everything is well again. */
const SETTLE_MS = 180_000;

export interface EngineTorture {
  /** Runs that were asked for. */
  readonly runs: number;
  readonly killed: number;
  readonly paused: number;
  readonly takeOvers: number;
  /** What was lost, done twice, or told wrong. */
  readonly faults: readonly string[];
  /** What all processes printed, where there are faults. */
  readonly said: string;
}

interface TortureState {
  readonly fleet: EngineFleet;
  readonly random: Random;
  readonly controllers: Map<string, ControllerProcess>;
  readonly workers: Map<string, GuardedProcess>;
  readonly said: string[];
  /** Job → its tokens, in order. */
  readonly tokens: Map<string, string[]>;
  killed: number;
  paused: number;
}

/** Tortures for so many seconds; the seed decides what happens when. */
export async function tortureEngine(seconds: number, seed: number): Promise<EngineTorture> {
  const fleet = await createEngineFleet({ remote: 3, local: 1, slowMs: 300, nats: { nodes: 3 } });
  const state: TortureState = {
    fleet,
    random: createRandom(seed),
    controllers: new Map(),
    workers: new Map(),
    said: [],
    tokens: new Map(JOBS.map((job) => [job, []])),
    killed: 0,
    paused: 0,
  };
  try {
    await revive(state);
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      await oneStep(state);
      await pause(500 + state.random.next() * 1500);
    }
    await revive(state);
    const faults = await judge(state);
    const said = [...state.said, ...printedBy(state)].join('\n---\n');
    const takeOvers = [...said.matchAll(/this controller leads/g)].length;
    const runs = [...state.tokens.values()].reduce((sum, each) => sum + each.length, 0);
    return { runs, killed: state.killed, paused: state.paused, takeOvers, faults, said };
  } finally {
    await fleet.close();
  }
}

function printedBy({ controllers, workers }: TortureState): string[] {
  return [...controllers, ...workers].map(([name, process]) => `${name}:\n${process.printed()}`);
}

/** Whoever has ended is started again, as a supervisor does. */
async function revive(state: TortureState): Promise<void> {
  const { fleet, controllers, workers, said } = state;
  for (const name of ['first', 'second']) {
    const before = controllers.get(name);
    if (before?.isRunning()) continue;
    if (before) said.push(before.printed());
    controllers.set(name, fleet.controller(name));
  }
  for (const name of ['worker-1', 'worker-2']) {
    const before = workers.get(name);
    if (before?.isRunning()) continue;
    if (before) said.push(before.printed());
    workers.set(name, await fleet.worker(name));
  }
}

async function oneStep(state: TortureState): Promise<void> {
  const { fleet, random, controllers, workers } = state;
  const victim = random.pick([...controllers.values(), ...workers.values()]);
  const node = random.pick(fleet.nats.nodes);
  const dice = random.next();
  if (dice < 0.5) await ask(state, random.pick(JOBS));
  else if (dice < 0.65) {
    state.killed += 1;
    await victim.kill();
    await revive(state);
  } else if (dice < 0.8) {
    state.paused += 1;
    victim.signal('SIGSTOP');
    await pause(1000 + random.next() * 6000);
    victim.signal('SIGCONT');
  } else if (dice < 0.9) {
    state.killed += 1;
    await node.kill();
    await pause(random.next() * 3000);
    await node.start();
  } else await fleet.push({ 'README.md': `A human's commit ${random.next()}\n` });
  await revive(state);
}

/** A human asks for a run by a token; the one before may go on, or may never have begun. */
async function ask({ fleet, tokens }: TortureState, job: string): Promise<void> {
  const known = tokens.get(job) ?? [];
  const token = `${job}-t${known.length + 1}`;
  known.push(token);
  await fleet.push({ [`jobs/${job}.yaml`]: tokenJob(MACHINES, token).replace('Name: Job', `Name: ${job}`) });
}

/** Its run has ended, or it was refused since another one went on (R28). */
function isAnswered(fleet: EngineFleet, job: string, token: string): boolean {
  const trigger = fleet.status(job)['LastTrigger'] as { readonly Token?: string; readonly Outcome?: string } | null;
  return fleet.hasEnded(job, token) || (trigger?.Token === token && trigger.Outcome === 'Refused');
}

/**
 * Waits until the last token of each job is answered, and judges by what BMCs took and Git tells: a run is known by the
 * text that it alone writes.
 */
async function judge(state: TortureState): Promise<string[]> {
  const { fleet, tokens } = state;
  const faults: string[] = [];
  const end = performance.now() + SETTLE_MS;
  for (const [job, all] of tokens) {
    const last = all.at(-1);
    if (last === undefined) continue;
    while (!isAnswered(fleet, job, last) && performance.now() < end) {
      await revive(state);
      await pause(500);
    }
    if (!isAnswered(fleet, job, last))
      faults.push(`${job}: ${last} has not ended: ${JSON.stringify(fleet.status(job))}`);
  }
  for (const [machine, values] of fleet.taken()) {
    const twice = values.filter((value, index) => values.indexOf(value) !== index);
    if (twice.length > 0) faults.push(`${machine} was changed twice: ${twice.join(', ')}`);
  }
  for (const [job, all] of tokens) {
    const told = fleet.logs(job).length;
    const begun = Number(fleet.status(job)['ExecutionCount'] ?? 0);
    if (told !== begun * MACHINES.length) faults.push(`${job}: ${told} logs of ${begun} runs on ${MACHINES.length}`);
    if (begun > all.length) faults.push(`${job}: ${begun} runs of ${all.length} tokens`);
  }
  try {
    git(fleet.repository.remote, 'fsck', '--full', '--strict');
  } catch (error) {
    faults.push(`git fsck: ${error}`);
  }
  return faults;
}
