import { isDate } from '../calendar/formats.ts';
import { isTimeZone } from '../calendar/time-zone.ts';
import type { RuleID } from '../rules.ts';
import { selectorFaults } from '../selection/labels.ts';
import { isObject, type Json, own } from '../values/json.ts';
import { show } from '../values/text.ts';
import type { PathKey } from '../yaml/tree.ts';
import type { Objection } from './reading.ts';
import { judgePeriod } from './schedule.ts';

/** What the schema of a Window cannot say. What has a wrong type is silent here: structure has spoken (R01). */
export function judgeWindow(window: Json): readonly Objection[] {
  const found: Objection[] = [];
  const report = (path: readonly PathKey[], rule: RuleID, message: string) =>
    void found.push({ path, stage: 'schedule', rule, message });
  const has = (field: string) => own(window, field) !== undefined;
  const once = ['From', 'To'].filter(has);
  const recurring = ['Time', 'Until', 'Period'].filter(has);
  const [surplus] = recurring;
  if (once.length > 0 && surplus !== undefined) {
    report([surplus], 'R53', `${surplus} is for a window that recurs: give From and To, or Time and Until`);
  } else if (recurring.length > 0) {
    for (const field of ['Time', 'Until'])
      if (!has(field)) report([field], 'R53', `${field} is missing: a window that recurs has Time and Until`);
  } else if (once.length === 0) {
    report([], 'R53', 'it has no time: give From and To, or Time and Until with a Period');
  }
  judgeMoments(window, report);
  const period = own(window, 'Period');
  if (isObject(period)) judgePeriod(period, report);
  const zone = own(window, 'TimeZone');
  if (typeof zone === 'string' && !isTimeZone(zone))
    report(['TimeZone'], 'R11', `${show(zone)} is not an IANA time zone such as Europe/Berlin or UTC`);
  return [...found, ...judgeScope(own(window, 'Applies'))];
}

function judgeMoments(window: Json, report: (path: readonly PathKey[], rule: RuleID, message: string) => void): void {
  const [from, to] = ['From', 'To'].map((field) => own(window, field));
  for (const [field, text] of [
    ['From', from],
    ['To', to],
  ] as const) {
    if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}T/.test(text) || isDate(text.slice(0, 10))) continue;
    report([field], 'R08', `${show(text)} is on no date that the calendar has`);
  }
  if (typeof from === 'string' && typeof to === 'string' && from >= to)
    report(['To'], 'R53', `To ${to} is not after From ${from}`);
}

function judgeScope(scope: Json | undefined): readonly Objection[] {
  const selector = own(scope, 'MachineSelector');
  if (selector === undefined) return [];
  return selectorFaults(selector).map(({ path, message }) => {
    return { path: ['Applies', 'MachineSelector', ...path], stage: 'structure', rule: 'R48', message };
  });
}
