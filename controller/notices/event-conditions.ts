import type { Holding } from '../../definitions/notices/fact.ts';
import type { Problem } from '../../definitions/problem.ts';
import { counted } from '../../definitions/values/text.ts';
import { timestamp } from '../../definitions/values/time.ts';
import type { Clock } from '../clock.ts';
import type { ControllerEvent } from '../events/event.ts';

/** However short the interval is, a look may take so long. */
const LEAST_SILENCE_MS = 60_000;
/** What could not be recorded is tried again within seconds: after so long without an error it could. */
const RECORDED_AFTER_MS = 120_000;

/** What holds now of what the journal does not say, by the word with which its subjects begin. */
export interface EventConditions {
  observe(event: ControllerEvent): void;
  /** A source that is not known yet is absent: what was known of it before the start stays. */
  holding(problems: readonly Problem[]): ReadonlyMap<string, readonly Holding[]>;
}

interface ConditionsState {
  lastPass: Date;
  hasPassed: boolean;
  /** Undefined: nothing was published since the start. */
  push: Holding | null | undefined;
  unrecorded: Date | null;
}

/** Conditions of a controller that begins now. @param pullIntervalMs between two looks at the fleet */
export function createEventConditions(clock: Clock, pullIntervalMs: number): EventConditions {
  const state: ConditionsState = { lastPass: clock.now(), hasPassed: false, push: undefined, unrecorded: null };
  return {
    observe(event) {
      if (event.event === 'passed') {
        state.lastPass = clock.now();
        state.hasPassed = true;
      }
      if (event.event === 'unrecorded' || event.event === 'diskFull') state.unrecorded = clock.now();
      if (event.event !== 'published') return;
      if (event.outcome === 'Pushed') state.push = null;
      if (event.outcome === 'Blocked' || event.outcome === 'NoBranch') state.push = blocked(event.outcome);
    },
    holding(problems) {
      const found = new Map<string, readonly Holding[]>([['health', health(state, clock.now(), pullIntervalMs)]]);
      if (state.push !== undefined) found.set('push', state.push ? [state.push] : []);
      if (state.hasPassed) found.set('manifest', manifests(problems));
      return found;
    },
  };
}

function blocked(outcome: 'Blocked' | 'NoBranch'): Holding {
  const detail =
    outcome === 'Blocked'
      ? 'the remote refuses the push: results wait here until the service may push to the branch'
      : 'the branch is gone from the remote: results wait here until somebody pushes it again';
  return { event: 'PushBlocked', subject: 'push blocked', cause: outcome, job: null, detail };
}

function health({ lastPass, unrecorded }: ConditionsState, now: Date, pullIntervalMs: number): readonly Holding[] {
  const found: Holding[] = [];
  const event = 'ControllerUnhealthy';
  if (now.getTime() - lastPass.getTime() >= Math.max(2 * pullIntervalMs, LEAST_SILENCE_MS)) {
    const detail = `no look at the fleet has ended well since ${timestamp(lastPass)}`;
    found.push({ event, subject: 'health looks', cause: 'NoLook', job: null, detail });
  }
  if (unrecorded && now.getTime() - unrecorded.getTime() < RECORDED_AFTER_MS) {
    const detail = 'the journal cannot be written: look after the disk of the state folder';
    found.push({ event, subject: 'health journal', cause: 'Unrecorded', job: null, detail });
  }
  return found;
}

/** A file has one condition however many errors it has; their messages may quote values, so none is told (N14). */
function manifests(problems: readonly Problem[]): readonly Holding[] {
  const files = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (problem.severity !== 'error') continue;
    const known = files.get(problem.file);
    if (known) known.push(problem);
    else files.set(problem.file, [problem]);
  }
  return [...files].map(([file, errors]) => {
    const [first] = errors;
    const where = first ? `, the first at line ${first.line} (${first.rule})` : '';
    const detail = `${file} is refused: ${counted(errors.length, 'error')}${where}`;
    return { event: 'ManifestInvalid', subject: `manifest ${file}`, cause: 'Invalid', job: null, detail };
  });
}
