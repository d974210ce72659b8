import type { Executor } from '../../controller/executors/executor.ts';
import { localTime } from '../../definitions/calendar/time-zone.ts';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Claim, Part } from '../../definitions/run.ts';
import { statusPath } from '../../definitions/status.ts';
import { durationMs } from '../../definitions/values/duration.ts';
import { equal } from '../../definitions/values/json.ts';
import { withinLimit } from './guards.ts';
import { asAsked, asSelected, inItsZone } from './in-force.ts';
import { holds } from './invariant.ts';
import type { Simulation } from './simulate.ts';
import { checkBegin } from './windows.ts';

/** What must hold after every step; the first that does not is thrown, in words. */
export function check(simulation: Simulation): void {
  simulation.latest = new Date(Math.max(Number(simulation.latest), Number(simulation.clock.now())));
  const runs = readRuns(simulation.memory.entries, simulation.lostRuns);
  holds(
    simulation.memory.overwritten.length === 0,
    `R33 the public log ${simulation.memory.overwritten[0]} was overwritten`,
  );
  atMostOnce(simulation, runs);
  inTime(runs);
  onePerMachine(simulation);
  withinLimit(simulation);
  if (simulation.service) {
    statusEqualsLog(simulation, runs);
    nothingLeftDue(simulation);
    asAsked(simulation);
    asSelected(simulation);
    inItsZone(simulation);
  }
}

/** What must hold once everything has gone out: Git says what the controller knows. */
export function checkPublic({ memory, service, clock }: Pick<Simulation, 'memory' | 'service' | 'clock'>): void {
  if (!service) return;
  for (const { record } of memory.entries) {
    if (record.kind === 'result') holds(memory.branch.has(record.path), `log ${record.path} is not public`);
  }
  for (const job of service.agenda.jobs.values()) {
    const text = memory.branch.get(statusPath(job.source.file)) ?? '';
    const status = service.agenda.status(job.id);
    const fact = `ExecutionCount: ${status?.ExecutionCount}\n`;
    holds(text.includes(fact), `${job.id}: the public status does not say ${fact.trim()}`);
    // what waits for a worker is published with its start: until then a crash makes up for it once more
    if (status?.NextRunTime && new Date(status.NextRunTime) <= clock.now()) continue;
    const next = `NextRunTime: ${JSON.stringify(status?.NextRunTime)}\n`;
    holds(text.includes(next), `${job.id}: the public status does not say ${next.trim()}: ${text}`);
  }
  for (const path of memory.branch.keys()) {
    if (!path.endsWith('.status.yaml')) continue;
    const hasJob = [...service.agenda.jobs.values()].some((job) => statusPath(job.source.file) === path);
    holds(hasJob, `${path} belongs to no job`);
  }
}

interface RunFacts {
  readonly claim: Claim;
  readonly machines: Map<string, boolean>;
  /** Machines on which it was never begun. */
  readonly skipped: Set<string>;
  finished: boolean;
}

type Runs = ReadonlyMap<string, RunFacts>;

function readRuns(entries: readonly JournalEntry[], buried: ReadonlySet<string>): Runs {
  const runs = new Map<string, RunFacts>();
  const paths = new Set<string>();
  for (const { record } of entries) {
    if (record.kind === 'claim') {
      holds(!runs.has(record.claim.run) && !buried.has(record.claim.run), `R23 ${record.claim.run} was claimed twice`);
      runs.set(record.claim.run, { claim: record.claim, machines: new Map(), skipped: new Set(), finished: false });
    }
    if (record.kind === 'result') {
      const run = runs.get(record.run);
      holds(run && !run.finished, `R23 ${record.run} has a result and is not open`);
      holds(!run?.machines.has(record.log.MachineID), `R33 ${record.run} logs ${record.log.MachineID} twice`);
      holds(!paths.has(record.path), `R33 the log path ${record.path} was given out twice`);
      paths.add(record.path);
      run?.machines.set(record.log.MachineID, record.log.Status === 'success');
    }
    if (record.kind === 'skip') {
      const run = runs.get(record.run);
      holds(run && !run.finished && !run.machines.has(record.skip.machine), `${record.run} skips what it has done`);
      run?.skipped.add(record.skip.machine);
    }
    if (record.kind === 'finish') {
      const run = runs.get(record.run);
      holds(run, `${record.run} ends and never began`);
      if (!run) continue;
      run.finished = true;
      const told = run.machines.size + run.skipped.size;
      holds(told === run.claim.machines.length, `R24 ${record.run} ends without a log, or a skip, for each machine`);
    }
  }
  return runs;
}

/** Looks at what was carried out since the last look. */
function atMostOnce({ bmcs, claimed, lostRuns, parts }: Simulation, runs: Runs): void {
  for (const run of runs.keys()) claimed.add(run);
  for (const { part } of bmcs.carried.slice(parts.size)) {
    const name = `${part.run}/${part.machine.ID}`;
    holds(!parts.has(name), `R23 ${name} was carried out twice`);
    parts.add(name);
    holds(claimed.has(part.run) || lostRuns.has(part.run), `R23 ${name} was carried out and never claimed`);
    asFrozen(part, runs.get(part.run)?.claim);
  }
}

/** What ran is what was frozen at the claim: the machine, and what it got (S05). */
function asFrozen({ run, machine, payload }: Part, claim: Claim | undefined): void {
  if (!claim) return;
  holds(claim.machines.includes(machine.ID), `S05 ${run} reached ${machine.ID}, which it had not claimed`);
  const frozen = claim.payloads?.[machine.ID];
  holds(!frozen || equal(frozen, payload), `S05 ${run} wrote on ${machine.ID} what it had not claimed`);
  holds(!JSON.stringify(payload).includes('{Labels.'), `S11 ${run} wrote a placeholder on ${machine.ID}`);
}

/** Never early, not after EndDay, not later than its deadline, all by the manifest that was in force at the claim. */
function inTime(runs: Runs): void {
  for (const { claim } of runs.values()) {
    const late = Date.parse(claim.start) - Date.parse(claim.nominal);
    holds(late >= 0, `R16 ${claim.run} started ${-late} ms early`);
  }
}

/** A run one at a time on a machine, and no more machines at once than there are places. */
function onePerMachine({ bmcs, lives }: Simulation): void {
  const inside = bmcs.carried.filter((each) => each.end === null && each.life === lives);
  const machines = inside.map((each) => each.part.machine.ID);
  holds(new Set(machines).size === machines.length, `R26 two runs at once on a machine: ${machines}`);
}

function statusEqualsLog({ service, lineage, countsBefore }: Simulation, runs: Runs): void {
  if (!service) return;
  const { jobs } = service.agenda;
  const counts = new Map<string, number>();
  const count = (job: string, more: number) => {
    let id = job;
    // a move counts once the controller has noticed it
    for (let to = lineage.get(id); to && !jobs.has(id); to = lineage.get(id)) id = to;
    counts.set(id, (counts.get(id) ?? 0) + more);
  };
  for (const [job, before] of countsBefore) count(job, before);
  for (const { claim } of runs.values()) count(claim.job, 1);
  for (const job of jobs.values()) {
    const status = service.agenda.status(job.id);
    if (!status || service.agenda.isHeld(job.id)) continue;
    const wanted = counts.get(job.id) ?? 0;
    holds(
      status.ExecutionCount === wanted,
      `R31 ${job.id} counts ${status.ExecutionCount} runs, the journal ${wanted}`,
    );
    holds(status.Status !== 'Running', `R24 ${job.id} is left Running`);
    const last = status.LastRun && runs.get(status.LastRun.RunID);
    if (!last || !status.LastRun) continue;
    const failed = [...last.machines.values()].filter((ok) => !ok).length;
    holds(status.LastRun.Failed === failed, `R31 ${job.id}: ${status.LastRun.Failed} failed, its logs say ${failed}`);
    holds((status.Status === 'Failed') === failed > 0, `R31 ${job.id} is ${status.Status} with ${failed} failed`);
  }
}

/** What is due runs, or waits because all workers are busy or the disk is full. */
function nothingLeftDue({ service, memory, clock, settled }: Simulation): void {
  if (!service || !settled || memory.faults.diskFull) return;
  const size = service.inForce.settings.WorkerPoolSize;
  const due = service.agenda.due(clock.now());
  holds(!due || service.runner.running >= size, `R22 ${due?.id} is due and does not run, with a worker free`);
}

/** Whether a start was allowed by the manifest in force when it began; called at each start. */
export function checkStart(simulation: Simulation, claim: Pick<Claim, 'job' | 'trigger' | 'nominal' | 'start'>): void {
  const { service } = simulation;
  if (!service) return;
  holds(service.inForce.hasSettings, `R21 ${claim.job} starts before any settings are in force`);
  const job = service.agenda.jobs.get(claim.job);
  if (!job || claim.trigger === 'Manual') return;
  const { EndDay: end } = job.spec.Schedule.Period ?? {};
  const zone = job.spec.Schedule.TimeZone ?? service.inForce.settings.TimeZone;
  const date = localTime(new Date(claim.start), zone).slice(0, 10);
  holds(!end || date <= end, `R22 ${claim.job} started ${claim.start}, after its EndDay ${end}`);
  const resumed = simulation.resumed.get(claim.job);
  holds(
    !resumed || new Date(claim.nominal) >= resumed,
    `R22 ${claim.job} makes up for ${claim.nominal}: suspended then`,
  );
  const deadline = job.spec.Schedule.StartingDeadline ?? service.inForce.settings.StartingDeadline;
  const late = Date.parse(claim.start) - Date.parse(claim.nominal);
  const limit = deadline === null ? Number.POSITIVE_INFINITY : (durationMs(deadline) ?? 0) + 1000;
  holds(late <= limit, `R22 ${claim.job} started ${late} ms late, its StartingDeadline is ${deadline}`);
  holds(!job.spec.Suspend, `R22 ${claim.job} started although it is suspended`);
}

/** What one controller talks to. */
interface Talking {
  /** Run → its parts that talk to their machines. */
  readonly runs: Map<string, number>;
  machines: number;
  /** How many runs and machines there might be at the last start. */
  before: { readonly runs: number; readonly machines: number };
}

/**
 * An executor of one controller that talks for no more runs (R25) and to no more machines (R26) at once than there are
 * places, those that only wait not counted.
 */
export function checked(simulation: Simulation, executor: Executor, broken: (error: unknown) => void): Executor {
  const talking: Talking = { runs: new Map(), machines: 0, before: { runs: 0, machines: 0 } };
  const begin = (run: string) => {
    const { WorkerPoolSize: runs = 0, MaxConnections: machines = 0 } = simulation.service?.inForce.settings ?? {};
    count(talking, run, 1);
    const { before } = talking;
    // the settings of a pass are in force a moment before the limits have their new size
    const mostMachines = Math.max(machines, before.machines);
    const mostRuns = Math.max(runs, before.runs);
    if (talking.machines > mostMachines)
      broken(new Error(`R26 ${talking.machines} machines at once, ${machines} may be`));
    if (talking.runs.size > mostRuns) broken(new Error(`R25 ${talking.runs.size} runs work, ${runs} may`));
    // those that are at work when a limit shrinks go on to their end, part by part (R25)
    const { runner, connections } = simulation.service ?? {};
    talking.before = {
      runs: (runner?.running ?? 0) > runs ? mostRuns : runs,
      machines: (connections?.active ?? 0) > machines ? mostMachines : machines,
    };
  };
  const end = (run: string) => count(talking, run, -1);
  return {
    recover: executor.recover,
    async execute(part, signal, wait) {
      begin(part.run);
      try {
        checkBegin(simulation, part);
      } catch (error) {
        broken(error);
      }
      try {
        return await executor.execute(part, signal, async (until, seen) => {
          end(part.run);
          const given = wait?.(until, seen) ?? Promise.resolve();
          await given.then(
            () => begin(part.run),
            () => count(talking, part.run, 1), // told to stop, and perhaps given up: it only logs out
          );
          signal.throwIfAborted();
        });
      } finally {
        end(part.run);
      }
    },
  };
}

function count(talking: Talking, run: string, change: number): void {
  talking.machines += change;
  const parts = (talking.runs.get(run) ?? 0) + change;
  if (parts > 0) talking.runs.set(run, parts);
  else talking.runs.delete(run);
}
