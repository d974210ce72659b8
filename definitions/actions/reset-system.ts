import type { JsonObject } from '../values/json.ts';
import { defineAction } from './action.ts';
import { type CourseSeen, type Decision, type Look, lookAgain, notApplied, unsupported } from './course/course.ts';
import { bootStage, isInPost, powerOf } from './course/host-power.ts';
import { durationField, durationOf, durationText, parameter } from './course/parameter.ts';
import { lastReset, noSign, refusedEvent, restartValue, restartValues } from './course/restart.ts';

const WITHIN_MS = 600_000;

function decide(payload: JsonObject, seen: CourseSeen): Decision {
  const [sent] = seen.sent;
  const withinMs = durationOf(payload, 'Within', WITHIN_MS);
  if (!sent) return before(payload, seen, withinMs);
  const refused = refusedEvent(sent);
  if (refused) return refused;
  if (sent.value === 'Nmi' && sent.answer === 'Accepted')
    return { step: 'done', note: 'what the OS made of it cannot be read' };
  const [first, ...others] = seen.looks;
  const later = others.filter(({ atMs }) => atMs >= sent.atMs);
  const now = later.at(-1);
  if (now?.values && powerOf(now.values)?.heads === 'On' && hasRestarted(first?.values ?? null, later))
    return { step: 'done' };
  const waitedMs = seen.nowMs - sent.atMs;
  if (waitedMs < withinMs) return lookAgain(waitedMs, withinMs - waitedMs);
  if (later.length > 0 && later.every(({ values }) => values === null)) {
    return {
      step: 'fail',
      outcome: 'Unreachable',
      class: 'transient',
      reason: `sent, and the BMC has not answered for ${durationText(withinMs)}`,
    };
  }
  const power = powerOf(now?.values ?? null);
  if (power?.heads === 'Off')
    return notApplied(`the host went off and is not on again after ${durationText(withinMs)}`);
  return noSign(sent, `a restart within ${durationText(withinMs)}`);
}

/** A host that is off has nothing to restart; one that turns on or off is waited for. */
function before(payload: JsonObject, seen: CourseSeen, withinMs: number): Decision {
  const values = seen.looks.at(-1)?.values ?? null;
  const power = powerOf(values);
  if (!power) {
    const unknown = values === null && seen.nowMs < withinMs;
    return unknown
      ? lookAgain(seen.nowMs)
      : unsupported(`its PowerState is ${JSON.stringify(parameter(values, 'PowerState') ?? null)}`);
  }
  if (!power.isSettled) {
    return seen.nowMs < withinMs
      ? lookAgain(seen.nowMs)
      : notApplied('the host was switched on or off all the time; nothing was sent');
  }
  if (power.heads === 'Off') return { step: 'done', note: 'the host is off: nothing to restart' };
  const value = restartValue(payload, seen);
  return 'value' in value ? { step: 'send', value: value.value } : value;
}

/** By its own word; else it went through an early stage of its boot, or its power was away. */
function hasRestarted(first: JsonObject | null, later: readonly Look[]): boolean {
  const was = lastReset(first);
  const seen = later.flatMap(({ values }) => (values ? [values] : []));
  if (seen.some((values) => lastReset(values) > was)) return true;
  const stage = bootStage(first);
  const wentEarly = seen.some((values) => isInPost(values) && bootStage(values) !== stage);
  return wentEarly || seen.some((values) => powerOf(values)?.heads === 'Off');
}

/** Restarts a host, once. */
export const resetSystem = defineAction({
  name: 'ResetSystem',
  description: 'Restarts a host, once, and waits until it has.',
  root: 'Systems',
  target: null,
  supports: ['Extend', 'Base'],
  guard: 'Host',
  payload: {
    ResetType: {
      type: 'string',
      enum: ['GracefulRestart', 'ForceRestart', 'PowerCycle', 'Nmi'],
      description: 'How it is restarted. Nmi makes its operating system dump: by a job of Type Once only.',
      examples: ['GracefulRestart'],
    },
    Fallback: {
      type: 'string',
      enum: ['ForceRestart', 'PowerCycle'],
      description: 'What is sent where the BMC does not offer ResetType; absent: nothing.',
      examples: ['ForceRestart'],
    },
    Within: durationField('How long until a sign of the restart must be there; 10m.', '10m'),
  },
  required: ['ResetType'],
  onceOnly: { ResetType: ['Nmi'] },
  longest: { Within: '2h' },
  options: ['ResetType', 'Fallback', 'Within'],
  inventory: null,
  at: () => [],
  course: {
    kind: 'Event',
    action: '#ComputerSystem.Reset',
    parameter: 'ResetType',
    watched: ['PowerState', 'BootProgress', 'LastResetTime'],
    shown: ['PowerState', 'LastResetTime'],
    declared: restartValues,
    decide,
  },
});
