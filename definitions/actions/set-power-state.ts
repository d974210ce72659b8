import type { JsonObject } from '../values/json.ts';
import { defineAction } from './action.ts';
import {
  type CourseSeen,
  type Decision,
  isOffered,
  lookAgain,
  notApplied,
  type SentValue,
  unsupported,
  valuesNow,
} from './course/course.ts';
import { bootStage, isInPost, powerOf } from './course/host-power.ts';
import { durationField, durationOf, durationText, parameter } from './course/parameter.ts';

const GRACEFUL_MS = 600_000;
const LONGEST_GRACEFUL_MS = 3_600_000;
const ON_WITHIN_MS = 300_000;
/** With an operating system that boots. */
const RUNNING_WITHIN_MS = 900_000;
/** Their BMCs say OSRunning of any host that is on. */
const SAYS_RUNNING_WHEN_ON = /^(HPE|Hewlett|Hpe)/;
/** A rack that is switched on at one moment trips its fuse: hosts follow each other so far apart. */
const ON_EVERY_MS = 2_000;
/** How long rails may take to fall once they are told to. */
const FORCED_MS = 120_000;
/** A state counts when it was read twice, so far apart: some report it early. */
const STEADY_MS = 10_000;
/** A BMC that says "not now" is asked again so often, so far apart (OpenStack ironic does the same). */
const MOST_TRIES = 6;
const RETRY_MS = 10_000;

/** The values of Reset that are sent. `PushPowerButton` is a toggle, and never is. */
const ON = ['On', 'ForceOn'];

function declared(payload: JsonObject): readonly string[] {
  if (parameter(payload, 'PowerState') === 'On') return ON;
  const { graceMs, force } = offOptions(payload);
  return [...(graceMs > 0 ? ['GracefulShutdown'] : []), ...(force || graceMs === 0 ? ['ForceOff'] : [])];
}

function offOptions(payload: JsonObject): { graceMs: number; force: boolean; withinMs: number } {
  const graceMs = Math.min(LONGEST_GRACEFUL_MS, durationOf(payload, 'Graceful', GRACEFUL_MS));
  const force = parameter(payload, 'Force') === true;
  return { graceMs, force, withinMs: durationOf(payload, 'Within', graceMs + FORCED_MS) };
}

function decide(payload: JsonObject, seen: CourseSeen): Decision {
  const wanted = parameter(payload, 'PowerState') === 'On' ? 'On' : 'Off';
  const waitsForOS = parameter(payload, 'WaitFor') === 'OSRunning';
  if (waitsForOS && SAYS_RUNNING_WHEN_ON.test(seen.vendor))
    return unsupported('this BMC says OSRunning of any host that is on: WaitFor tells nothing there; nothing was sent');
  const onMs = durationOf(payload, 'Within', waitsForOS ? RUNNING_WITHIN_MS : ON_WITHIN_MS);
  const withinMs = wanted === 'On' ? onMs : offOptions(payload).withinMs;
  const [last] = seen.looks.slice(-1);
  if (!last?.values) return silent(seen, withinMs);
  const power = powerOf(last.values);
  if (!power)
    return unsupported(
      `its PowerState is ${JSON.stringify(parameter(last.values, 'PowerState') ?? null)}, neither On nor Off`,
    );
  if (wanted === 'Off' && power.heads === 'Off' && !power.isSettled) {
    const late = shutsDownTooLong(payload, seen);
    if (late) return late;
  }
  if (power.heads === wanted && waitsForOS && wanted === 'On') {
    const boots = untilRunning(seen, last.values, withinMs);
    if (boots) return boots;
  }
  if (power.heads === wanted) return reached(seen, wanted, power.isSettled, withinMs);
  if (!power.isSettled)
    return turning(seen, withinMs, `the host is still ${String(parameter(last.values, 'PowerState'))}`);
  return wanted === 'On' ? switchOn(seen, withinMs) : switchOff(payload, seen);
}

/** A graceful shutdown that was asked for hangs in PoweringOff; null: it may go on. */
function shutsDownTooLong(payload: JsonObject, seen: CourseSeen): Decision | null {
  const { graceMs, force, withinMs } = offOptions(payload);
  const first = seen.sent.find(({ value, answer }) => value === 'GracefulShutdown' && answer !== 'Refused');
  const isForced = seen.sent.some(({ value, answer }) => value === 'ForceOff' && answer !== 'Refused');
  const limitMs = Math.min(graceMs, withinMs);
  if (!first || isForced || seen.nowMs - first.atMs < limitMs) return null;
  return force ? forceOff(seen) : notApplied(`the OS did not shut down in ${durationText(limitMs)}; it is still at it`);
}

/** A host that is on, and whose operating system does not run yet; null: it does, or nobody can tell. */
function untilRunning({ nowMs, sent }: CourseSeen, values: JsonObject, withinMs: number): Decision | null {
  const stage = bootStage(values);
  if (stage === undefined || stage === 'OSRunning') return null;
  const begun = sent.at(-1)?.atMs ?? 0;
  if (nowMs - begun < withinMs) return lookAgain(nowMs - begun);
  return notApplied(`the host is on, and its BootProgress is ${stage} after ${durationText(withinMs)}`);
}

function silent({ nowMs }: CourseSeen, withinMs: number): Decision {
  if (nowMs < withinMs) return lookAgain(nowMs);
  const reason = `the BMC does not answer, and has not for the rest of ${durationText(withinMs)}`;
  return { step: 'fail', outcome: 'Unreachable', class: 'transient', reason };
}

/** The state is as wanted; after a change it must be so twice. */
function reached(seen: CourseSeen, wanted: string, isSettled: boolean, withinMs: number): Decision {
  if (!isSettled) return turning(seen, withinMs, `the host has been Powering${wanted} for ${durationText(withinMs)}`);
  const isQuiet = seen.sent.every(({ answer }) => answer === 'Refused') && seen.looks.length === 1;
  if (isQuiet) return { step: 'done' };
  const since = seen.looks.findLastIndex(({ values }) => !isAt(values, wanted));
  const [first] = seen.looks.slice(since + 1);
  const forMs = seen.nowMs - (first?.atMs ?? seen.nowMs);
  return forMs >= STEADY_MS ? { step: 'done' } : { step: 'look', afterMs: STEADY_MS - forMs };
}

function isAt(values: JsonObject | null, wanted: string): boolean {
  const power = powerOf(values);
  return power?.heads === wanted && power.isSettled;
}

/** A transition is not pressed, only waited for. */
function turning({ nowMs, sent }: CourseSeen, withinMs: number, reason: string): Decision {
  const begun = sent.at(-1)?.atMs ?? 0;
  return nowMs - begun < withinMs ? lookAgain(nowMs - begun) : notApplied(reason);
}

function switchOn(seen: CourseSeen, withinMs: number): Decision {
  const value = ON.find((each) => isOffered(seen, each));
  if (value === undefined) return unsupported(notOffered(seen, 'On'));
  const last = seen.sent.at(-1);
  if (!last) return { step: 'send', value };
  const again = sendAgain(seen, last, value);
  if (again) return again;
  const waitedMs = seen.nowMs - last.atMs;
  if (waitedMs < withinMs) return lookAgain(waitedMs, withinMs - waitedMs);
  return notApplied(`${last.answer === 'Lost' ? 'sent, no answer seen' : 'accepted'}, the host stays Off`);
}

function switchOff(payload: JsonObject, seen: CourseSeen): Decision {
  const { graceMs, force, withinMs } = offOptions(payload);
  const last = seen.sent.at(-1);
  if (!last) return firstOff(seen, graceMs, force);
  const again = sendAgain(seen, last, last.value);
  if (again?.step === 'fail' && force && last.value === 'GracefulShutdown') return forceOff(seen);
  if (again) return again;
  if (last.value === 'ForceOff') {
    const waitedMs = seen.nowMs - last.atMs;
    return waitedMs < FORCED_MS
      ? lookAgain(waitedMs, FORCED_MS - waitedMs)
      : notApplied('ForceOff was sent, the host stays On');
  }
  const [first = last] = seen.sent.filter(({ answer }) => answer !== 'Refused');
  const waitedMs = seen.nowMs - first.atMs;
  if (waitedMs >= Math.min(graceMs, withinMs)) {
    return force
      ? forceOff(seen)
      : notApplied(`the OS did not shut down in ${durationText(Math.min(graceMs, withinMs))}; the host is still On`);
  }
  const isHalf = waitedMs >= graceMs / 2;
  const presses = seen.sent.filter(({ answer }) => answer !== 'Refused').length;
  // an ACPI press is lost on an operating system that boots
  if (isHalf && presses === 1 && !isInPost(valuesNow(seen))) return { step: 'send', value: 'GracefulShutdown' };
  const next = presses === 1 && !isHalf ? graceMs / 2 : graceMs;
  return lookAgain(waitedMs, next - waitedMs);
}

function firstOff(seen: CourseSeen, graceMs: number, force: boolean): Decision {
  if (graceMs > 0 && isOffered(seen, 'GracefulShutdown')) return { step: 'send', value: 'GracefulShutdown' };
  if (force || graceMs === 0) return forceOff(seen);
  return unsupported(
    `${notOffered(seen, 'GracefulShutdown')}; nothing was sent: \`Force: true\` would switch it off hard`,
  );
}

function forceOff(seen: CourseSeen): Decision {
  return isOffered(seen, 'ForceOff') ? { step: 'send', value: 'ForceOff' } : unsupported(notOffered(seen, 'ForceOff'));
}

/** A value that was refused for now is sent again, one that was refused for good fails; null: it was taken. */
function sendAgain(seen: CourseSeen, last: SentValue, value: string): Decision | null {
  const tries = seen.sent.filter((each) => each.value === last.value && each.answer !== 'Accepted').length;
  if (last.answer === 'Accepted' || (last.answer === 'Lost' && last.value === 'GracefulShutdown')) return null;
  const reason = last.reason ?? 'refused';
  if (last.answer === 'Refused' && !last.isPassing)
    return { step: 'fail', outcome: 'Refused', class: 'permanent', reason };
  if (last.answer === 'Lost' && tries >= 2) return null; // the state decides
  if (tries >= MOST_TRIES) return notApplied(reason);
  const dueMs = last.atMs + (last.waitMs ?? RETRY_MS);
  return seen.nowMs >= dueMs ? { step: 'send', value } : { step: 'look', afterMs: dueMs - seen.nowMs };
}

function notOffered({ offered }: CourseSeen, value: string): string {
  return `ResetType ${value} is not offered; it has ${(offered ?? []).map(String).join(', ') || 'none'}`;
}

/** Switches a host on or off. */
export const setPowerState = defineAction({
  name: 'SetPowerState',
  description: 'Switches a host on or off, and waits until it is.',
  root: 'Systems',
  target: null,
  supports: ['Extend', 'Base'],
  guard: 'Host',
  harmless: ['PowerState', 'On'],
  payload: {
    PowerState: {
      type: 'string',
      enum: ['On', 'Off'],
      description: 'On, or Off: quote them, other tools read them as booleans.',
      examples: ['On'],
    },
    Graceful: durationField(
      'How long the operating system may take to shut down, 60m at most; 10m. 0s: it is switched off hard.',
      '10m',
    ),
    Force: {
      type: 'boolean',
      description: 'true: a host that has not shut down by then is switched off hard.',
      examples: [false],
    },
    WaitFor: {
      type: 'string',
      enum: ['OSRunning'],
      description: 'OSRunning: On also waits until BootProgress says so, where it is shown.',
      examples: ['OSRunning'],
    },
    Within: durationField('How long all of it may take; 5m for On (with WaitFor 15m), Graceful and 2m for Off.', '5m'),
  },
  required: ['PowerState'],
  longest: { Graceful: '60m', Within: '2h' },
  options: ['Graceful', 'Force', 'WaitFor', 'Within'],
  inventory: null,
  at: () => [],
  course: {
    kind: 'State',
    action: '#ComputerSystem.Reset',
    parameter: 'ResetType',
    watched: ['PowerState', 'BootProgress', 'LastResetTime'],
    shown: ['PowerState'],
    spaced: { values: ON, everyMs: ON_EVERY_MS },
    declared,
    decide,
  },
});
