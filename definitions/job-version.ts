import { hash } from 'node:crypto';
import type { JobSpec, Schedule } from './job.ts';
import type { MachineSelector } from './machine-selector.ts';
import { canonical, type Json } from './values/json.ts';

/**
 * Digest of what a job does and when: equal for manifests that mean the same (R19). Name, Suspend and Trigger are
 * no part of it, nor are the order of keys and machines, or how a list of days is written. A selector counts as
 * written, not by what it fits: a machine that joins makes no new version (S06).
 */
export function version(spec: JobSpec): string {
  const { Machines, MachineSelector, Action, Payload, Schedule } = spec;
  const meaning = canonical({
    ...(Machines && { Machines: [...Machines].sort() }),
    ...(MachineSelector && { MachineSelector: selectorMeaning(MachineSelector) }),
    Action,
    Payload: Payload as unknown as Json,
    Schedule: scheduleMeaning(Schedule),
  });
  return hash('sha256', meaning, 'hex').slice(0, 16);
}

function selectorMeaning({ MatchLabels = {}, MatchExpressions = [] }: MachineSelector): Json {
  const requirements = MatchExpressions.map(({ Key, Operator, Values = [] }) => ({
    Key,
    Operator,
    Values: [...new Set(Values)].sort(),
  }));
  const sorted = requirements.map((each) => canonical(each)).sort();
  return { MatchLabels, MatchExpressions: [...new Set(sorted)] };
}

function scheduleMeaning(schedule: Schedule): Json {
  const { Period: period, ...rest } = schedule;
  if (schedule.Type === 'Once' || !period) return { ...rest };
  const days = [...new Set(period.DaysOfWeek ?? [])].sort();
  const dates = [...new Set((period.DaysOfMonth ?? '').split(',').map((day) => day.trim() && Number(day)))];
  return {
    ...rest,
    Period: {
      StartDay: period.StartDay ?? null,
      EndDay: period.EndDay ?? null,
      DaysOfWeek: days,
      DaysOfMonth: dates.sort((a, b) => Number(a) - Number(b)),
    },
  };
}
