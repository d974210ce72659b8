import { valuesOf } from '../../../definitions/actions/action.ts';
import { ACTIONS } from '../../../definitions/actions/index.ts';
import type { Job, PayloadEntry } from '../../../definitions/job.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import { afterLook, type SecondLook } from '../../../definitions/lifecycle/rollout-soak.ts';
import type { Machine, MachineID, Machines } from '../../../definitions/machine.ts';
import { isState } from '../../../definitions/rollout/defaults.ts';
import type { CutOffPart, Result } from '../../../definitions/run.ts';
import { supersessions } from '../../../definitions/safety/superseded.ts';
import { payloadFor } from '../../../definitions/selection/placeholders.ts';
import type { Soak, Status } from '../../../definitions/status.ts';
import type { JsonObject } from '../../../definitions/values/json.ts';
import type { Executor } from '../../executors/executor.ts';
import { difference } from '../../redfish/compare.ts';
import { type BmcLimits, onMachine } from '../on-machine.ts';
import { recordResults } from '../record-results.ts';
import { NO_WORKER } from '../worker.ts';
import type { WaveRunOptions } from './wave-run.ts';

export interface SoaksOptions extends WaveRunOptions {
  readonly executor: Pick<Executor, 'recover'>;
  readonly inForce: { readonly machines: () => Machines };
  readonly limits: BmcLimits;
}

/** Waves that are left alone: when their time has come, their values are read once more (W04). */
export interface Soaks {
  /** Looks at all whose time has come. */
  lookDue(): Promise<void>;
  /** Looks at each when its time has come, until nobody waits any more. */
  run(): Promise<void>;
}

/** Nothing of a soak is in memory: whoever starts anew finds in the facts what is to be looked at, and when. */
export function createSoaks(options: SoaksOptions): Soaks {
  const { agenda, waits, deps } = options;
  const lookDue = async () => {
    const now = deps.clock.now();
    const due = soaking(agenda).filter(({ soak }) => new Date(soak.End) <= now);
    await Promise.all(due.map(({ job, status, soak }) => look(options, job, status, soak)));
  };
  return {
    lookDue,
    async run() {
      while (!waits.hasEnded) {
        await lookDue();
        const ends = soaking(agenda).map(({ soak }) => Date.parse(soak.End));
        await waits.wait(ends.length === 0 ? null : new Date(Math.min(...ends)));
      }
    },
  };
}

function soaking(agenda: Agenda) {
  return [...agenda.jobs.values()].flatMap((job) => {
    const status = agenda.status(job.id);
    const soak = status?.Rollout?.Soak;
    return status && soak ? [{ job, status, soak }] : [];
  });
}

/** Reads the values of a wave once more; what follows is durable, and in force at once. */
async function look(options: SoaksOptions, { id }: Job, before: Status, soak: Soak): Promise<void> {
  const { agenda, deps, records, waits } = options;
  const job = agenda.jobs.get(id);
  if (!job) return;
  const left = isState(job.spec.Action) ? lookedAt(options, job, before, soak) : [];
  const seen = await Promise.all(left.map((machine) => lookAt(options, job, machine, soak)));
  const found: SecondLook = {
    reverted: left.filter((_, index) => seen[index] === 'reverted'),
    unread: left.filter((_, index) => seen[index] === 'unread'),
  };
  if (waits.hasEnded || options.signal.aborted) return; // the next start looks
  const now = agenda.jobs.get(id);
  const status = agenda.status(id);
  if (!now || status?.Rollout?.Soak?.RunID !== soak.RunID || status.Rollout.Effect !== before.Rollout?.Effect) return;
  agenda.put(now, afterLook(status, now, found, deps.clock.now()));
  await recordResults(options, now, [records.facts(now.source.file)]);
  records.recorded();
  waits.wake();
}

/** The machines to look at: what another job has written there since says nothing of this one. */
function lookedAt({ agenda, inForce }: SoaksOptions, job: Job, { LastRun }: Status, soak: Soak): readonly MachineID[] {
  const machines = inForce.machines();
  if (!LastRun) return [];
  const later = [...agenda.jobs.values()].flatMap((other) => {
    const run = agenda.status(other.id)?.LastRun;
    const isLater = other.id !== job.id && run && run.StartTime > LastRun.StartTime;
    return isLater ? [{ job: other, nominal: run.StartTime, isMissed: false }] : [];
  });
  const own = { job, nominal: LastRun.StartTime, isMissed: true };
  const written = supersessions([own, ...later], machines).get(job.id)?.by;
  return soak.Machines.filter((id) => machines.has(id) && !written?.has(id));
}

async function lookAt(options: SoaksOptions, job: Job, id: MachineID, { RunID }: Soak) {
  const { executor, inForce, limits, signal } = options;
  const machine = inForce.machines().get(id);
  const payload = machine && payloadFor(job.spec.Payload, machine);
  if (!machine || !payload) return 'unread';
  const part = partOf(job, machine, payload, `${RunID}-soak`);
  const result = await onMachine<Result>(limits, { run: part.run, machine: id, worker: NO_WORKER }, () =>
    executor.recover(part, signal),
  );
  return judge(job, payload, result);
}

/** What is read, as of a part that was cut off when it had set what is to be there: that sends nothing. */
function partOf(job: Job, machine: Machine, payload: readonly PayloadEntry[], run: string): CutOffPart {
  const seen = payload.map(({ Payload, ...target }): JsonObject => {
    const fields = Object.entries(Payload).flatMap(([name, value]) => [
      [`Old${name}`, value],
      [`New${name}`, null],
    ]);
    return { ...(target as JsonObject), ...Object.fromEntries(fields) };
  });
  return { run, job: job.id, action: job.spec.Action, machine, payload, seen };
}

function judge({ spec }: Job, payload: readonly PayloadEntry[], { entries }: Result) {
  const action = ACTIONS.get(spec.Action);
  const found = payload.map((entry, index) => {
    const wanted = Object.fromEntries(action ? valuesOf(action, entry) : []);
    const now = Object.fromEntries(Object.keys(wanted).map((name) => [name, entries[index]?.[`New${name}`] ?? null]));
    if (!action || Object.values(now).every((value) => value === null)) return 'unread';
    return Object.keys(difference(action, wanted, now)).length > 0 ? 'reverted' : 'stayed';
  });
  return found.includes('reverted') ? 'reverted' : found.includes('unread') ? 'unread' : 'stayed';
}
