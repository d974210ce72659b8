// Jobs in force, their facts and their runs, as tables of rules write them: only what the row is about is said.
import type { Job, JobSpec, Schedule } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { createGuardState } from '../../definitions/lifecycle/guard-state.ts';
import type { PartEnds, PartErrors } from '../../definitions/lifecycle/run-status.ts';
import type { Claim, Skip } from '../../definitions/run.ts';
import type { GateContext } from '../../definitions/safety/gate.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../definitions/settings.ts';
import type { Status } from '../../definitions/status.ts';

/** Daily at 22:00:00, unless the row says otherwise. */
export function daily(more: Partial<Schedule> = {}): Schedule {
  return { Type: 'Continuous', Time: '22:00:00', Period: {}, ...more };
}

/** Once at 14:00:00, unless the row says otherwise. */
export function once(more: Partial<Schedule> = {}): Schedule {
  return { Type: 'Once', Time: '14:00:00', ...more };
}

/** A job in force, of one document. */
export function jobOf(id: string, more: Partial<JobSpec> = {}): Job {
  const spec: JobSpec = {
    Name: 'Nightly',
    Machines: ['machine-1'],
    Action: 'PatchProfile',
    Schedule: daily(),
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    ...more,
  };
  const source = { file: `jobs/${id}.yaml`, document: 0, blob: 'b1' };
  return { id, spec, machines: spec.Machines ?? [], version: version(spec), source, commit: 'c1' };
}

/** The facts of a job that was accepted at the turn of the year, and what the row changes of them. */
export function factsOf(job: Job, more: Partial<Status> = {}): Status {
  return { ...accepted(job, new Date('2026-01-01T00:00:00Z'), null), ...more };
}

/** The claim of a scheduled run, begun at its second. */
export function claimOf(job: Job, nominal: string, more: Partial<Claim> = {}): Claim {
  const { spec, machines, commit } = job;
  const run = `${job.id}@${more.token ?? nominal}`;
  const { Action: action } = spec;
  return { run, job: job.id, trigger: 'Schedule', nominal, start: nominal, action, machines, commit, ...more };
}

/** How the parts of a run came out. */
export function endsOf(errors: PartErrors = new Map(), skips: readonly Skip[] = []): PartEnds {
  return { errors, skips };
}

/** Gates that nothing has closed. */
export const OPEN_GATES: GateContext = {
  machines: new Map(),
  windows: new Map(),
  brokenWindows: new Set(),
  timeZone: 'UTC',
  isHeld: false,
  versions: new Map(),
  guards: createGuardState(),
};

/** A service's settings. */
export function settingsOf(more: Partial<Settings> = {}): Settings {
  return { ...DEFAULT_SETTINGS, ...more };
}
