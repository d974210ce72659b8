import type { JsonObject } from '../values/json.ts';
import { defineAction } from './action.ts';
import { type CourseSeen, type Decision, type Look, lookAgain, notApplied } from './course/course.ts';
import { durationField, durationOf, durationText, parameter } from './course/parameter.ts';
import { lastReset, noSign, refusedEvent, restartValue, restartValues } from './course/restart.ts';

const WITHIN_MS = 600_000;
/** Some serve on while they go down. */
const FIRST_LOOK_MS = 30_000;
/** Up means so often in a row, so far apart: it answers pings, and even Redfish, long before it is. */
const STEADY_LOOKS = 3;
const STEADY_MS = 10_000;

function decide(payload: JsonObject, seen: CourseSeen): Decision {
  const [sent] = seen.sent;
  const withinMs = durationOf(payload, 'Within', WITHIN_MS);
  if (!sent) return before(payload, seen);
  const refused = refusedEvent(sent);
  if (refused) return refused;
  const [first, ...others] = seen.looks;
  const later = others.filter(({ atMs }) => atMs > sent.atMs);
  const waitedMs = seen.nowMs - sent.atMs;
  if (later.length === 0) return { step: 'look', afterMs: FIRST_LOOK_MS };
  const isUp = (look: Look) => look.values !== null && stateOf(look.values) === 'Enabled';
  const since = later.findLastIndex((look) => !isUp(look));
  const steady = later.length - 1 - since;
  const witnessed = hasRestarted(first?.values ?? null, later);
  if (witnessed && steady >= STEADY_LOOKS) return { step: 'done' };
  if (waitedMs < withinMs)
    return witnessed && steady > 0 ? { step: 'look', afterMs: STEADY_MS } : lookAgain(waitedMs, withinMs - waitedMs);
  if (later.at(-1)?.values === null) {
    const reason = `sent, and the BMC has not come back within ${durationText(withinMs)}`;
    return { step: 'fail', outcome: 'Unreachable', class: 'transient', reason };
  }
  if (witnessed) return notApplied(`it restarted, and is not well again after ${durationText(withinMs)}`);
  return noSign(sent, `a restart within ${durationText(withinMs)}`);
}

function before(payload: JsonObject, seen: CourseSeen): Decision {
  const values = seen.looks.at(-1)?.values ?? null;
  const onlyIfUpMs = durationOf(payload, 'OnlyIfUp', 0);
  const [was, now] = [lastReset(values), Date.parse(String(parameter(values, 'DateTime')))];
  if (onlyIfUpMs > 0 && now - was < onlyIfUpMs)
    return { step: 'done', note: `it was reset at ${new Date(was).toISOString()}` };
  const value = restartValue(payload, seen);
  return 'value' in value ? { step: 'send', value: value.value } : value;
}

/** It was gone, or our session is; or it says so itself. */
function hasRestarted(first: JsonObject | null, later: readonly Look[]): boolean {
  const was = lastReset(first);
  return later.some(({ values, isNewSession }) => values === null || isNewSession === true || lastReset(values) > was);
}

/** A manager without a state is taken at the word that it answers. */
function stateOf(values: JsonObject): string {
  const state = parameter(parameter(values, 'Status'), 'State');
  return typeof state === 'string' ? state : 'Enabled';
}

/** Restarts a manager, once. Its hosts stay as they are. */
export const resetManager = defineAction({
  name: 'ResetManager',
  description: 'Restarts a manager, once, and waits until it is well again.',
  root: 'Managers',
  target: null,
  supports: ['Extend', 'Base'],
  guard: 'Manager',
  payload: {
    ResetType: {
      type: 'string',
      enum: ['GracefulRestart', 'ForceRestart'],
      description: 'How it is restarted.',
      examples: ['GracefulRestart'],
    },
    Fallback: {
      type: 'string',
      enum: ['ForceRestart'],
      description: 'What is sent where the BMC does not offer ResetType; absent: nothing.',
      examples: ['ForceRestart'],
    },
    OnlyIfUp: durationField('A manager that was reset less long ago is left alone.', '30d'),
    Within: durationField('How long until it must be well again; 10m.', '10m'),
  },
  required: ['ResetType'],
  longest: { Within: '2h' },
  options: ['ResetType', 'Fallback', 'OnlyIfUp', 'Within'],
  inventory: null,
  at: () => [],
  course: {
    kind: 'Event',
    action: '#Manager.Reset',
    parameter: 'ResetType',
    watched: ['Status', 'LastResetTime', 'DateTime'],
    shown: ['LastResetTime'],
    takesServiceAway: true,
    declared: restartValues,
    decide,
  },
});
