import type { Block } from '../../definitions/block.ts';
import type { Job, JobID } from '../../definitions/job.ts';
import type { Agenda, Deferral } from '../../definitions/lifecycle/agenda.ts';
import type { GuardState } from '../../definitions/lifecycle/guard-state.ts';
import { coalesced, isAbsence, lastStart } from '../../definitions/lifecycle/missed.ts';
import {
  isDue,
  type RunStart,
  type StartContext,
  startDue,
  type WaitingStart,
} from '../../definitions/lifecycle/next-start.ts';
import type { TriggerRequest } from '../../definitions/lifecycle/trigger.ts';
import {
  type RefusedRequest,
  refuseTimedOut,
  requestTimeout,
  startRequested,
  type WaitingRequest,
} from '../../definitions/lifecycle/trigger.ts';
import type { RunID } from '../../definitions/run.ts';
import type { GateContext } from '../../definitions/safety/gate.ts';
import { SPREAD_MS } from '../../definitions/safety/spread.ts';
import { type Supersession, supersessions, type WriteTime } from '../../definitions/safety/superseded.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { BoundedSet } from '../../definitions/values/bounded-map.ts';
import { eachKey } from '../../definitions/values/each-key.ts';
import type { Timestamp } from '../../definitions/values/time.ts';
import type { RunnerEvent } from '../events/event.ts';
import { createTimeSlice } from '../time-slice.ts';

export interface QueueOptions {
  readonly agenda: Agenda;
  readonly settings: () => Settings;
  /** What the gates go by now. */
  readonly gates: () => GateContext;
  /** Where the machines of a run count from the moment at which it is to begin. */
  readonly guards: Pick<GuardState, 'take' | 'release'>;
  /** Runs that were claimed lately: a name is a lock (R23). */
  readonly claimed: Claimed;
  /** Makes the facts of a manifest file's jobs durable and, in time, public. */
  readonly record: (job: Job) => void;
  readonly observe: (event: RunnerEvent) => void;
}

/** Names of runs. */
export type Claimed = BoundedSet<RunID>;

/** Which run begins next: what was requested, then what is due, in order (R22, R25, R28). */
export interface Queue {
  /**
   * Takes note of the time: what fell due during an absence is coalesced (R22), requests that waited too long are
   * refused (R28). Ask for `next` only after it has resolved.
   */
  look(now: Date): Promise<void>;
  /** The next run to begin, given that a worker is free; its job is held from then on. */
  next(now: Date): RunStart | undefined;
  /** Requests runs at once. */
  request(requests: readonly TriggerRequest[], now: Date): void;
  /** Takes back a run that could not begin: its token, and that it makes up for a missed time, are remembered. */
  requeue(start: RunStart, now: Date): void;
  /** Something changed that gates go by: what waits for them is judged again at the next look. */
  reconsider(): void;
  /** When the oldest request is refused; null when none waits. */
  nextTimeout(): Date | null;
}

interface QueueState {
  readonly options: QueueOptions;
  /** Oldest first. */
  readonly requests: WaitingRequest[];
  /** Job → the missed time for which its next run makes up (R22). */
  readonly catchUps: Map<JobID, Timestamp>;
  /** Job → what of that time others write later (R22). */
  readonly superseded: Map<JobID, Supersession>;
  readonly context: StartContext;
  lookedAt: Date | null;
  /** The gates may say something else to what is deferred. */
  haveGatesChanged: boolean;
}

/** A queue over an agenda. What begins, and why, is decided in lifecycle/next-start. */
export function createQueue(options: QueueOptions): Queue {
  const catchUps = new Map<JobID, Timestamp>();
  const superseded = new Map<JobID, Supersession>();
  const state: QueueState = {
    options,
    requests: [],
    catchUps,
    superseded,
    context: {
      claimed: options.claimed,
      catchUps,
      superseded,
      get settings() {
        return options.settings();
      },
      get gates() {
        return options.gates();
      },
    },
    lookedAt: null,
    haveGatesChanged: false,
  };
  return {
    async look(now) {
      if (isAbsence(state.lookedAt, now)) await catchUp(state, now);
      state.lookedAt = now;
      await releaseOpened(state, now);
      refuseOld(state, now);
    },
    next: (now) => nextRequested(state, now) ?? nextDue(state, now),
    request(requests, now) {
      for (const each of requests) {
        const isKnown = state.requests.some(({ job, token }) => job === each.job && token === each.token);
        if (!isKnown) state.requests.push({ ...each, at: now });
      }
    },
    requeue({ job, claim }, now) {
      options.claimed.delete(claim.run);
      options.guards.release(claim.run);
      if (claim.token !== undefined) state.requests.push({ job: job.id, token: claim.token, at: now });
      if (claim.trigger === 'CatchUp') catchUps.set(job.id, claim.nominal);
    },
    reconsider() {
      state.haveGatesChanged = true;
    },
    nextTimeout: () => nextTimeout(state),
  };
}

/** Thousands of jobs that missed many times take seconds: the event loop has its turns meanwhile. */
async function catchUp(state: QueueState, now: Date): Promise<void> {
  const { options, catchUps, superseded } = state;
  const { agenda, settings, record } = options;
  const pace = createTimeSlice();
  const missed = new Map<JobID, Timestamp>();
  for (const id of eachKey(agenda.jobs)) {
    await pace();
    const job = agenda.jobs.get(id);
    const status = agenda.status(id);
    if (!job || !status || agenda.isHeld(id) || !isDue(status, now)) continue;
    const facts = coalesced(job, status, now, settings().TimeZone);
    agenda.put(job, facts);
    catchUps.set(id, facts.NextRunTime ?? '');
    missed.set(id, facts.NextRunTime ?? '');
    if (facts.Missed !== status.Missed) record(job); // its run may begin much later
  }
  superseded.clear();
  await supersede(state, missed);
}

/** Of what these jobs are late for, what somebody writes later, or has, is left to that (R22). */
async function supersede({ options, superseded }: QueueState, missed: ReadonlyMap<JobID, Timestamp>): Promise<void> {
  if (missed.size === 0) return;
  const { agenda, gates } = options;
  const pace = createTimeSlice();
  const writes: WriteTime[] = [];
  for (const id of eachKey(agenda.jobs)) {
    await pace();
    const job = agenda.jobs.get(id);
    const late = missed.get(id);
    const nominal = late ?? agenda.status(id)?.LastRun?.NominalTime;
    if (job && nominal !== undefined) writes.push({ job, nominal, isMissed: late !== undefined });
  }
  const found = supersessions(writes, gates().machines);
  for (const id of missed.keys()) {
    const each = found.get(id);
    if (each) superseded.set(id, each);
    else superseded.delete(id);
  }
}

/** The run of the first due job that may still start; those that may not are recorded on the way. */
function nextDue(state: QueueState, now: Date): RunStart | undefined {
  const { agenda, record, observe } = state.options;
  for (let job = agenda.due(now); job; job = agenda.due(now)) {
    const deferral = agenda.deferred.get(job.id);
    if (deferral && !deferral.isReleased) {
      agenda.defer(job.id, { ...deferral, until: later(now, 1) }); // its wait ended since the last look
      continue;
    }
    const status = agenda.status(job.id);
    const decided = status && startDue(job, status, now, state.context);
    if (!decided) return undefined;
    if ('claim' in decided) return begin(state, decided);
    if ('waits' in decided) {
      wait(state, job, decided, now);
      continue;
    }
    const { nominal, missed } = decided;
    agenda.put(job, decided.status);
    if (missed) observe({ event: 'missed', job: job.id, nominal, ...missed });
    record(job);
  }
  return undefined;
}

/** A due job that a gate lets wait; it is told when the reason is another than before. */
function wait({ options }: QueueState, job: Job, { waits: block, nominal, until }: WaitingStart, now: Date): void {
  const { agenda, record, observe } = options;
  const isKnown = agenda.deferred.get(job.id)?.block.message === block.message;
  const end = earliest(until, lastStart(job, nominal, options.settings()));
  agenda.defer(job.id, { block, until: end && end <= now ? later(now, 1_000) : end });
  if (isKnown) return;
  observe({ event: 'waiting', job: job.id, nominal, reason: block.message, until });
  record(job);
}

/**
 * Judges what waits for a gate that has opened, or may have. What may begin now does so in the order of its times,
 * spread over a minute: the end of a freeze is a stampede. As after an absence each job runs once, and of those that
 * write one field of a machine the last (R22, F11).
 */
async function releaseOpened(state: QueueState, now: Date): Promise<void> {
  const { agenda, settings, record } = state.options;
  const isDone = ({ until, isReleased }: Deferral) =>
    !isReleased && (state.haveGatesChanged || (until && until <= now));
  const waiting = [...agenda.deferred].filter(([, deferral]) => isDone(deferral));
  state.haveGatesChanged = false;
  const opened: { readonly job: Job; readonly nominal: Timestamp; readonly block: Block }[] = [];
  const pace = createTimeSlice();
  for (const [id, { block }] of waiting) {
    await pace();
    const job = agenda.jobs.get(id);
    const status = agenda.status(id);
    const decided =
      job && status && !agenda.isHeld(id) && isDue(status, now) && startDue(job, status, now, state.context);
    if (!decided) continue;
    if ('waits' in decided) wait(state, job, decided, now);
    else if (!('claim' in decided)) agenda.resume(id);
    else {
      const facts = coalesced(job, status, now, settings().TimeZone, block.message);
      agenda.put(job, facts);
      if (facts.Missed !== status.Missed) record(job);
      opened.push({ job, nominal: facts.NextRunTime ?? '', block });
    }
  }
  await supersede(state, new Map(opened.map(({ job, nominal }) => [job.id, nominal])));
  opened.sort((a, b) => (a.nominal !== b.nominal ? (a.nominal < b.nominal ? -1 : 1) : a.job.id < b.job.id ? -1 : 1));
  for (const [index, { job, nominal, block }] of opened.entries()) {
    state.catchUps.set(job.id, nominal);
    agenda.defer(job.id, { block, until: later(now, (index * SPREAD_MS) / opened.length), isReleased: true });
  }
}

function later(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}

function earliest(a: Date | null, b: Date | null): Date | null {
  return a === null || b === null ? (a ?? b) : a < b ? a : b;
}

/** The run of the first request that begins one; the others are answered on the way. */
function nextRequested(state: QueueState, now: Date): RunStart | undefined {
  const { agenda, record } = state.options;
  for (let request = state.requests.shift(); request; request = state.requests.shift()) {
    const job = agenda.jobs.get(request.job);
    const status = agenda.status(request.job);
    const requested = job && status ? { job, status, isHeld: agenda.isHeld(job.id) } : undefined;
    const decided = startRequested(request, requested, now, state.context);
    if ('claim' in decided) return begin(state, decided);
    if (decided.outcome === 'refused') reportRefused(state, request, decided);
    if (decided.outcome === 'joined' && job) {
      agenda.put(job, decided.status);
      record(job);
    }
  }
  return undefined;
}

function begin({ options, catchUps }: QueueState, start: RunStart): RunStart {
  const { job, claim } = start;
  catchUps.delete(job.id);
  options.agenda.hold(job.id);
  options.claimed.add(claim.run);
  options.guards.take(claim);
  return start;
}

function refuseOld(state: QueueState, now: Date): void {
  for (let end = nextTimeout(state); end && end <= now; end = nextTimeout(state)) {
    const request = state.requests.shift() as WaitingRequest;
    reportRefused(state, request, refuseTimedOut(state.options.agenda.status(request.job), request.token, now));
  }
}

function reportRefused({ options }: QueueState, request: TriggerRequest, { reason, status }: RefusedRequest): void {
  const { agenda, record, observe } = options;
  observe({ event: 'refused', job: request.job, token: request.token, reason });
  const job = agenda.jobs.get(request.job);
  if (!job || !status) return;
  agenda.put(job, status);
  record(job);
}

function nextTimeout({ requests }: QueueState): Date | null {
  return requests[0] ? requestTimeout(requests[0]) : null;
}
