import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import { succeeded } from '../../../definitions/run.ts';
import { guardNamed } from '../../../definitions/safety/guard-gates.ts';
import { GUARD_NAMES } from '../../../definitions/safety/guards.ts';
import type { ControllerEvent, RunnerEvent } from '../../events/event.ts';
import type { RedfishEvent } from '../../events/redfish-event.ts';
import type { Instruments } from './instruments.ts';

export interface CounterOptions {
  readonly now: () => Date;
  readonly agenda: Agenda;
}

export interface Counters {
  observe(event: ControllerEvent): void;
  observeRedfish(event: RedfishEvent): void;
  /** An HTTP request was answered. */
  answered(method: string, status: number): void;
}

type Listener = (event: ControllerEvent) => void;

/** Labels take values of these and `other` only: anybody can invent a method. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Adds the counters and histograms, which every event that is observed moves on. */
export function installCounters(instruments: Instruments, options: CounterOptions): Counters {
  const listeners = [
    runs(instruments, options),
    guarding(instruments),
    reconciling(instruments, options),
    publishing(instruments),
    notifying(instruments),
  ];
  const answered = instruments.counter('http_requests', 'Answers to HTTP requests.', ['method', 'code']);
  return {
    observe: (event) => {
      for (const listener of listeners) listener(event);
    },
    observeRedfish: redfish(instruments),
    answered: (method, status) => answered({ method: known(method), code: classOf(status) }),
  };
}

function runs({ counter, duration }: Instruments, { now, agenda }: CounterOptions): Listener {
  const started = counter('runs_started', 'Runs that started.', ['trigger']);
  const finished = counter('runs_finished', 'Runs that ended, by outcome.', ['outcome']);
  const failed = counter('runs_failed', 'Runs that ended with a failed machine.');
  const missed = counter('runs_missed', 'Occurrences that were not run.');
  const missedFor = counter('missed', 'Occurrences that were not run, by reason.', ['reason']);
  const skipped = counter('skipped', "Machines' parts of runs that were never begun, by reason.", ['reason']);
  const refused = counter('triggers_refused', 'Triggers that were not carried out.');
  const parts = counter('parts', "Machines' parts of runs, by outcome.", ['action', 'outcome']);
  const unrecorded = counter('unrecorded', 'Times that something could not be made durable.');
  const delay = duration('run_start_delay', 'From the time at which a run was due until it was claimed.');
  const took = duration('run_duration', 'How long runs took.', ['action']);
  const partTook = duration('part_duration', "How long machines' parts took.", ['action', 'result']);
  for (const trigger of ['Schedule', 'CatchUp', 'Manual']) started({ trigger }, 0);
  for (const outcome of ['completed', 'failed']) finished({ outcome }, 0);
  return (event) => {
    switch (event.event) {
      case 'started':
        started({ trigger: event.trigger });
        if (event.trigger === 'Schedule') delay(lateBy(event, now()));
        break;
      case 'machine': {
        const { action, outcome, elapsedMs } = event;
        parts({ action, outcome });
        partTook(elapsedMs / 1000, { action, result: succeeded(outcome) ? 'success' : 'failed' });
        break;
      }
      case 'finished':
        finished({ outcome: event.status === 'Failed' ? 'failed' : 'completed' });
        if (event.status === 'Failed') failed();
        took(event.elapsedMs / 1000, { action: actionOf(agenda, event.job) });
        break;
      case 'missed':
        missed();
        missedFor({ reason: event.cause });
        break;
      case 'skipped':
        skipped({ reason: event.reason });
        break;
      case 'refused':
        refused();
        break;
      case 'unrecorded':
      case 'diskFull':
      case 'filesShort':
        unrecorded();
        break;
    }
  };
}

function guarding({ counter, gauge }: Instruments): Listener {
  const refusals = counter('guard_refusals', 'Runs, triggers and parts that a guard refused.', ['guard']);
  let isOpen = false;
  gauge('breaker_open', 'Whether the breaker is open: its classes begin nothing until a commit closes it.', (set) => {
    set(Number(isOpen));
  });
  for (const guard of GUARD_NAMES) refusals({ guard }, 0);
  const count = (sentence: string) => {
    const guard = guardNamed(sentence);
    if (guard !== null) refusals({ guard });
  };
  return (event) => {
    if (event.event === 'breaker') isOpen = event.opened !== null;
    if (event.event === 'missed' || event.event === 'refused') count(event.reason);
    if (event.event === 'skipped') count(event.message);
  };
}

function actionOf(agenda: Agenda, job: string): string {
  return agenda.jobs.get(agenda.successor(job))?.spec.Action ?? 'unknown'; // it was deleted while it ran
}

/** Seconds from the nominal time that the run's name holds; the event itself knows whole seconds. */
function lateBy({ run, delayMs }: Extract<RunnerEvent, { event: 'started' }>, now: Date): number {
  const nominal = Date.parse(run.slice(run.lastIndexOf('@') + 1));
  return Number.isNaN(nominal) ? delayMs / 1000 : Math.max(0, (now.getTime() - nominal) / 1000);
}

function reconciling({ counter, duration, gauge }: Instruments, { now }: CounterOptions): Listener {
  const passes = counter('reconciles', 'Reconcile passes, by result.', ['result']);
  const took = duration('reconcile_duration', 'How long successful reconcile passes took.');
  let last: Date | null = null;
  gauge('reconcile_last_success_timestamp_seconds', 'When a pass ended well the last time; 0: never.', (set) => {
    set((last?.getTime() ?? 0) / 1000);
  });
  gauge('reconcile_last_success_age_seconds', 'How long ago that was; -1: never.', (set) => {
    set(last ? (now().getTime() - last.getTime()) / 1000 : -1);
  });
  for (const result of ['success', 'failed']) passes({ result }, 0);
  return (event) => {
    if (event.event === 'reconcileFailed') passes({ result: 'failed' });
    if (event.event !== 'passed') return;
    passes({ result: 'success' });
    took(event.elapsedMs / 1000);
    last = now();
  };
}

function publishing({ counter }: Instruments): Listener {
  const commits = counter('commits', 'Commits that the service has published.');
  const failures = counter('publish_failures', 'Times that results could not be published.', ['outcome']);
  for (const outcome of ['Offline', 'Contended', 'Blocked', 'NoBranch', 'Failed']) failures({ outcome }, 0);
  return (event) => {
    if (event.event === 'publishFailed') failures({ outcome: 'Failed' });
    if (event.event !== 'published' || event.outcome === 'Unchanged') return;
    if (event.outcome === 'Pushed') commits();
    else failures({ outcome: event.outcome });
  };
}

/** Receivers are few: the settings name at most twenty. */
function notifying({ counter, gaugeBy }: Instruments): Listener {
  const sent = counter('notices_sent', 'Notices that a receiver has taken.', ['receiver']);
  const failures = counter('notices_failed', 'Times that a receiver did not take a notice.', ['receiver']);
  const dropped = counter('notices_dropped', 'Notices that were given up.', ['receiver']);
  const waiting = new Map<string, number>();
  gaugeBy('notices_waiting', 'Notices that wait for a receiver.', ['receiver'], (set) => {
    for (const [receiver, count] of waiting) set(count, { receiver });
  });
  const calls = counter('dead_man_calls', 'Calls of the address of DeadMan, by result.', ['result']);
  return (event) => {
    if (event.event === 'deadManCalled') calls({ result: event.reason === null ? 'success' : 'failed' });
    if (event.event !== 'notice') return;
    const { receiver, outcome, count } = event;
    const moved = { sent, failed: failures, dropped }[outcome];
    moved({ receiver }, count);
    waiting.set(receiver, event.waiting);
  };
}

function redfish({ counter, duration }: Instruments): (event: RedfishEvent) => void {
  const requests = counter('bmc_requests', 'Requests to BMCs, by answer.', ['method', 'code']);
  const took = duration('bmc_request_duration', 'How long BMCs took to answer.', ['method']);
  const retries = counter('bmc_retries', 'Requests to BMCs that were tried again.');
  const opened = counter('bmc_sessions_opened', 'Redfish sessions opened.');
  const closed = counter('bmc_sessions_closed', 'Redfish sessions closed.');
  const left = counter('bmc_sessions_left', 'Redfish sessions that may have stayed on a BMC.');
  return (event) => {
    switch (event.kind) {
      case 'request': {
        const method = known(event.method);
        requests({ method, code: event.status === null ? 'none' : classOf(event.status) });
        took(event.ms / 1000, { method });
        break;
      }
      case 'retry':
        retries();
        break;
      case 'session opened':
        opened();
        break;
      case 'session closed':
        closed();
        break;
      case 'session left':
        left();
        break;
    }
  };
}

function known(method: string): string {
  return METHODS.includes(method) ? method : 'other';
}

/** `2xx`: a label of few values. */
function classOf(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}
