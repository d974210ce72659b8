import type { Job, JobID, Jobs } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { TriggerRequest } from '../../definitions/lifecycle/apply.ts';
import { coalesced, following, tooLate } from '../../definitions/lifecycle/missed.ts';
import { isUsed, joinedRun, missed, refusedTrigger } from '../../definitions/lifecycle/transitions.ts';
import { coinciding } from '../../definitions/lifecycle/trigger.ts';
import type { Claim, RunID } from '../../definitions/run.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { Status } from '../../definitions/status.ts';
import type { BoundedSet } from '../../definitions/values/bounded-map.ts';
import { timestamp } from '../../definitions/values/time.ts';
import type { RunnerEvent } from '../events/event.ts';
import { createTimeSlice } from '../time-slice.ts';

/** A gap between two looks that is longer than this was an absence: a suspended host, a clock jump, a start. */
const ABSENCE_MS = 120_000;
const PATIENCE_MS = 30_000;

/** A run that may begin: its job is held from now on. */
export interface RunStart {
  readonly job: Job;
  readonly claim: Claim;
}

/** What the intake works with. */
export interface QueueOptions {
  readonly agenda: Agenda;
  readonly settings: () => Settings;
  /** Runs that were claimed lately: a name is a lock (R23). */
  readonly claimed: Claimed;
  /** Makes the facts of a manifest file's jobs durable and, in time, public. */
  readonly record: (job: Job) => void;
  readonly observe: (event: RunnerEvent) => void;
}

/** Names of runs. */
export type Claimed = BoundedSet<RunID>;

/** Decides which run begins next: what was asked for, then what is due, in order (R22, R25, R28). */
export interface Queue {
  /**
   * Takes note of the time; what fell due during an absence is coalesced, requests that waited too long are refused.
   * Nothing begins until it resolves.
   */
  look(now: Date): Promise<void>;
  /** The next run to begin, given that a worker is free. */
  next(now: Date): RunStart | undefined;
  /** Asks for runs at once. */
  ask(requests: readonly TriggerRequest[], now: Date): void;
  /** A run could not begin: what asked for it, or what it makes up for, is remembered. */
  giveBack(start: RunStart, now: Date): void;
  /** When the patience of the oldest request ends; null when none waits. */
  patienceEnds(): Date | null;
}

interface Request extends TriggerRequest {
  readonly at: Date;
}

/** An intake over an agenda. */
export function createQueue({ agenda, settings, claimed, record, observe }: QueueOptions): Queue {
  const requests: Request[] = [];
  /** Job → the missed time that its next run makes up for. */
  const catchUps = new Map<string, string>();
  let lookedAt: Date | null = null;

  /** Thousands of jobs that missed many times take seconds: others have their turns meanwhile. */
  async function catchUp(now: Date): Promise<void> {
    const pace = createTimeSlice();
    for (const id of eachOnce(agenda.jobs)) {
      await pace();
      const job = agenda.jobs.get(id);
      const status = agenda.status(id);
      if (!job || !status || agenda.isHeld(id) || !hasCome(status, now)) continue;
      const facts = coalesced(job, status, now, settings().TimeZone);
      agenda.put(job, facts);
      catchUps.set(id, facts.NextRunTime ?? '');
      if (facts.Missed !== status.Missed) record(job); // its turn may come much later
    }
  }

  function begin(
    job: Job,
    now: Date,
    nominal: Date,
    asked?: { readonly token: string; readonly manual: boolean },
  ): RunStart {
    const late = catchUps.get(job.id) === timestamp(nominal);
    catchUps.delete(job.id);
    agenda.hold(job.id);
    const run = `${job.id}@${asked?.manual ? asked.token : timestamp(nominal)}`;
    claimed.add(run);
    const claim: Claim = {
      run,
      job: job.id,
      trigger: asked?.manual ? 'Manual' : late ? 'CatchUp' : 'Schedule',
      nominal: timestamp(nominal),
      ...(asked && { token: asked.token }),
      start: timestamp(now),
      action: job.spec.Action,
      machines: job.spec.Machines,
      commit: job.commit,
    };
    return { job, claim };
  }

  /** The first due job that may still start; those that may not are recorded as missed on the way. */
  function due(now: Date): RunStart | undefined {
    for (let job = agenda.due(now); job; job = agenda.due(now)) {
      const status = agenda.status(job.id);
      if (!status?.NextRunTime) return undefined;
      const nominal = new Date(status.NextRunTime);
      const ran = claimed.has(`${job.id}@${timestamp(nominal)}`); // the clock was set back, or a file was
      const reason = ran ? null : tooLate(job, status, now, settings());
      if (!ran && reason === null) return begin(job, now, nominal);
      const next = following(job.spec.Schedule, nominal, now, settings().TimeZone);
      const facts = reason === null ? status : missed(status, nominal, reason);
      agenda.put(job, { ...facts, NextRunTime: next && timestamp(next) });
      if (reason !== null) observe({ event: 'missed', job: job.id, nominal: timestamp(nominal), reason });
      record(job);
    }
    return undefined;
  }

  /** The first request that can be carried out; a job that is due anyway runs for its due time (R28). */
  function asked(now: Date): RunStart | undefined {
    for (let request = requests.shift(); request; request = requests.shift()) {
      const { job: id, token } = request;
      const job = agenda.jobs.get(id);
      const status = agenda.status(id);
      const same = status && coinciding(status, now);
      if (!job || !status) observe({ event: 'refused', job: id, token, reason: `job not found: ${id}` });
      else if (isUsed(status, token) || claimed.has(`${id}@${token}`)) continue;
      else if (same) {
        agenda.put(job, joinedRun(status, token, now, same.RunID));
        record(job);
      } else if (agenda.isHeld(id)) refuse(request, now, 'already running');
      else {
        const isDue = hasCome(status, now) && tooLate(job, status, now, settings()) === null;
        return begin(job, now, isDue ? new Date(status.NextRunTime ?? now) : now, { token, manual: !isDue });
      }
    }
    return undefined;
  }

  function refuse({ job: id, token }: Request, now: Date, reason: string): void {
    const job = agenda.jobs.get(id);
    const status = agenda.status(id);
    observe({ event: 'refused', job: id, token, reason });
    if (!job || !status) return;
    agenda.put(job, refusedTrigger(status, token, now, reason));
    record(job);
  }

  function patienceEnds(): Date | null {
    return requests[0] ? new Date(requests[0].at.getTime() + PATIENCE_MS) : null;
  }

  return {
    async look(now) {
      if (lookedAt === null || now.getTime() - lookedAt.getTime() > ABSENCE_MS) await catchUp(now);
      lookedAt = now;
      for (let end = patienceEnds(); end && end <= now; end = patienceEnds())
        refuse(requests.shift() as Request, now, 'worker pool exhausted');
    },
    next: (now) => asked(now) ?? due(now),
    ask(wanted, now) {
      for (const each of wanted) {
        const known = requests.some((request) => request.job === each.job && request.token === each.token);
        if (!known) requests.push({ ...each, at: now });
      }
    },
    giveBack({ job, claim }, now) {
      claimed.delete(claim.run);
      if (claim.token !== undefined) requests.push({ job: job.id, token: claim.token, at: now });
      if (claim.trigger === 'CatchUp') catchUps.set(job.id, claim.nominal);
    },
    patienceEnds,
  };
}

/** All jobs, also those that get another name meanwhile. */
function* eachOnce(jobs: Jobs): Generator<JobID> {
  const seen = new Set<JobID>();
  const unseen = () => [...jobs.keys()].filter((id) => !seen.has(id));
  for (let ids = unseen(); ids.length > 0; ids = unseen()) {
    for (const id of ids) {
      seen.add(id);
      yield id;
    }
  }
}

/** Whether the time of the next run has come. */
function hasCome({ Suspended, NextRunTime }: Status, now: Date): boolean {
  return !Suspended && NextRunTime !== null && new Date(NextRunTime) <= now;
}
