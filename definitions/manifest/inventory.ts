import { isTimeZone } from '../calendar/time-zone.ts';
import { type Breaker, completeGuards, type WrittenGuard } from '../guard.ts';
import { isSecretName, MACHINE_DEFAULTS, type Machine } from '../machine.ts';
import type { RuleID } from '../rules.ts';
import { LONGEST_PER_MS } from '../safety/guard-counts.ts';
import {
  DEFAULT_SETTINGS,
  RECEIVER_DEFAULTS,
  type Receiver,
  type Settings,
  SITE_DEFAULTS,
  type SiteSettings,
} from '../settings.ts';
import { DURATION_PATTERN, durationMs } from '../values/duration.ts';
import { isObject, type Json, own } from '../values/json.ts';
import { show } from '../values/text.ts';
import { WINDOW_DEFAULTS, type Window } from '../window.ts';
import type { Objection } from './reading.ts';

function objection(field: string, rule: RuleID, message: string): Objection {
  return { path: [field], stage: 'structure', rule, message };
}

/** What the schema of a Machine cannot say. Its values are never repeated: one might hold a secret (R42). */
export function judgeMachine(machine: Json): readonly Objection[] {
  const found: Objection[] = [];
  const endpoint = own(machine, 'Endpoint');
  const isOrigin = typeof endpoint === 'string' && /^https?:\/\/[^/?#@]+$/.test(endpoint);
  if (isOrigin && !URL.canParse(endpoint)) {
    found.push(objection('Endpoint', 'R42', 'Endpoint has a host or port that no address can have'));
  }
  if (
    sendsPlaintext(machine) &&
    own(machine, 'AllowPlaintext') !== true &&
    own(own(machine, 'TLS'), 'Insecure') !== true
  ) {
    const advice = 'use https:, or say AllowPlaintext: true (or TLS: { Insecure: true }) at the machine';
    found.push(objection('Endpoint', 'R42', `over http: the password is sent in clear text: ${advice}`));
  }
  for (const path of [['CredentialsRef'], ['TLS', 'CA']]) {
    const name = path.reduce<Json | undefined>(own, machine);
    if (typeof name !== 'string' || isSecretName(name)) continue;
    const message = `${path.join('.')} names a folder or file: no two dots in a row, and no device such as COM1`;
    found.push({ path, stage: 'structure', rule: 'R42', message });
  }
  const timeout = own(machine, 'Timeout');
  if (typeof timeout === 'string' && durationMs(timeout) === 0) {
    found.push(objection('Timeout', 'R02', 'Timeout is nothing: a machine needs some time, such as 60s'));
  }
  return [...found, ...judgeDurations(machine, ['Timeout'])];
}

/** What the schema of a folder's Defaults cannot say. What follows from them for a machine is judged with it. */
export function judgeDefaults(document: Json): readonly Objection[] {
  const found = judgeMachine(own(document, 'Defaults') ?? {});
  return found.map((each) => ({ ...each, path: ['Defaults', ...each.path] }));
}

/** What is valid and yet deserves a second look. */
export function adviceOnMachine(machine: Json): readonly Objection[] {
  if (!sendsPlaintext(machine)) return [];
  return [objection('Endpoint', 'R42', 'over http: the password is sent in clear text, to whoever listens')];
}

function sendsPlaintext(machine: Json): boolean {
  const endpoint = own(machine, 'Endpoint');
  return typeof endpoint === 'string' && /^http:/.test(endpoint) && own(machine, 'CredentialsRef') !== undefined;
}

/** What the schema of `bmcron.yaml` cannot say; `document` is its place in the file, which may hold but one. */
export function judgeSettings(settings: Json, document: number): readonly Objection[] {
  const zone = own(settings, 'TimeZone');
  const found = [
    ...judgeDurations(settings, ['StartingDeadline', 'ShutdownTimeout']),
    ...judgeGuardFields(settings),
    ...judgeReceivers(settings),
  ];
  if (document > 0) {
    const message = 'bmcron.yaml holds one document: the settings of the whole service';
    return [...found, { path: [], stage: 'structure', rule: 'R02', message }];
  }
  if (typeof zone !== 'string' || zone === '' || isTimeZone(zone)) return found;
  return [
    ...found,
    objection('TimeZone', 'R11', `${show(zone)} is not an IANA time zone such as Europe/Berlin or UTC`),
  ];
}

/** What the schema cannot say of `Guards` and `Breaker`. */
function judgeGuardFields(settings: Json): readonly Objection[] {
  const found: Objection[] = [];
  const object = (path: Objection['path'], message: string) =>
    void found.push({ path, stage: 'structure', rule: 'R51', message });
  const guards = own(settings, 'Guards');
  const classes = new Map<Json, number>();
  for (const [index, guard] of (Array.isArray(guards) ? guards : []).entries()) {
    const name = own(guard, 'Class');
    const first = name === undefined ? undefined : classes.get(name);
    if (first !== undefined) object(['Guards', index, 'Class'], `the class has a guard already, Guards[${first}]`);
    else if (name !== undefined) classes.set(name, index);
    for (const field of ['Per', 'MinInterval']) judgeSpan(own(guard, field), ['Guards', index, field], object);
  }
  judgeSpan(own(own(settings, 'Breaker'), 'Within'), ['Breaker', 'Within'], object);
  return found;
}

/** A mail has somebody it is from and somebody it is to, and nothing else has. */
function judgeMail(receiver: Json): readonly Objection[] {
  const format = own(receiver, 'Format');
  const isMail = format === 'Email';
  return ['Sender', 'Recipients'].flatMap((field) => {
    if (format === undefined || (own(receiver, field) !== undefined) === isMail) return [];
    const message = isMail ? `${field} is missing: a mail needs it` : `${field} is for Format: Email`;
    return [objection(field, 'R02', message)];
  });
}

/** What the schema cannot say of `Notifications`. */
function judgeReceivers(settings: Json): readonly Objection[] {
  const receivers = own(settings, 'Notifications');
  const names = new Map<Json, number>();
  return (Array.isArray(receivers) ? receivers : []).flatMap((receiver: Json, index): readonly Objection[] => {
    const within = ({ path, ...rest }: Objection) => ({ ...rest, path: ['Notifications', index, ...path] });
    const found = [...judgeDurations(receiver, ['GroupWait', 'Repeat']), ...judgeMail(receiver)].map(within);
    const name = own(receiver, 'Name');
    const first = name === undefined ? undefined : names.get(name);
    if (name !== undefined && first === undefined) names.set(name, index);
    if (first === undefined) return found;
    return [...found, within(objection('Name', 'R02', `the name is taken, by Notifications[${first}]`))];
  });
}

/** Nothing is counted for longer than this, nor for no time at all. */
function judgeSpan(
  text: Json | undefined,
  path: Objection['path'],
  object: (path: Objection['path'], message: string) => void,
): void {
  if (typeof text !== 'string' || !new RegExp(DURATION_PATTERN).test(text)) return;
  const ms = durationMs(text);
  if (ms === 0 || ms === undefined || ms > LONGEST_PER_MS)
    object(path, `${path.at(-1)} is more than nothing and at most 30d`);
}

/** A text of the right form may still be longer than any duration is taken. */
function judgeDurations(value: Json, fields: readonly string[]): readonly Objection[] {
  return fields.flatMap((field) => {
    const text = own(value, field);
    const isTooLong =
      typeof text === 'string' && /^([0-9]{1,9}(ms|s|m|h|d))+$/.test(text) && durationMs(text) === undefined;
    return isTooLong ? [objection(field, 'R02', `${field} is longer than ten years`)] : [];
  });
}

/** `bmcron.yaml` as it is written. */
interface WrittenSettings extends Omit<Settings, 'Guards' | 'Breaker' | 'Notifications' | 'Sites'> {
  readonly Guards: readonly WrittenGuard[];
  readonly Notifications: readonly WrittenReceiver[];
  readonly Breaker: Partial<Breaker>;
  readonly Sites: Readonly<Record<string, Partial<SiteSettings>>>;
}

/** An entry of `Notifications` as it is written. */
type WrittenReceiver = Omit<Receiver, keyof typeof RECEIVER_DEFAULTS> & Partial<Receiver>;

/** Accepted values, complete: what a file leaves out has its default. */
export const withDefaults = {
  window: (value: Json): Window => ({ ...WINDOW_DEFAULTS, ...(value as unknown as Window) }),
  machine: (value: Json) => ({ ...MACHINE_DEFAULTS, ...(value as unknown as Machine) }),
  settings: (value: Json): Settings => {
    const given = value as unknown as Partial<WrittenSettings>;
    const { Logs, Journal, Metrics, Breaker } = DEFAULT_SETTINGS;
    return {
      ...DEFAULT_SETTINGS,
      ...given,
      Guards: completeGuards(given.Guards ?? []),
      Breaker: { ...Breaker, ...given.Breaker },
      Notifications: (given.Notifications ?? []).map((each) => ({ ...RECEIVER_DEFAULTS, ...each })),
      Sites: completeSites(given.Sites ?? {}),
      Logs: { ...Logs, ...(isObject(given.Logs) && given.Logs) },
      Journal: { ...Journal, ...(isObject(given.Journal) && given.Journal) },
      Metrics: { ...Metrics, ...(isObject(given.Metrics) && given.Metrics) },
    };
  },
};

function completeSites(given: WrittenSettings['Sites']): Settings['Sites'] {
  return Object.fromEntries(Object.entries(given).map(([site, fields]) => [site, { ...SITE_DEFAULTS, ...fields }]));
}
