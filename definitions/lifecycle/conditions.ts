import type { Block } from '../block.ts';
import type { Problem } from '../problem.ts';
import type { Condition, Status } from '../status.ts';
import { clip } from '../status.ts';
import { timestamp } from '../values/time.ts';

/** How many problems a condition's message names. */
const PROBLEMS_NAMED = 5;

/** The reason of a job whose time has come, and that a gate lets wait. */
export const WAITING = 'Waiting';

/** The reason of a Once job that must not run before somebody says so: its status file could not be read (R41). */
export const STATE_UNKNOWN = 'StateUnknown';

/** The facts with a condition as it stands now; its transition time moves only when its Status does. */
export function withCondition(status: Status, fact: Omit<Condition, 'LastTransitionTime'>, now: Date): Status {
  const was = status.Conditions.find((each) => each.Type === fact.Type);
  const Message = clip(fact.Message);
  if (was && was.Status === fact.Status && was.Reason === fact.Reason && was.Message === Message) return status;
  const LastTransitionTime = was?.Status === fact.Status ? was.LastTransitionTime : timestamp(now);
  const { Type, Status, Reason } = fact;
  const condition: Condition = { Type, Status, Reason, Message, LastTransitionTime };
  const others = status.Conditions.filter((each) => each.Type !== fact.Type);
  return { ...status, Conditions: fact.Type === 'Valid' ? [condition, ...others] : [...others, condition] };
}

/**
 * The facts of a job with what the newest commit says of its manifest: valid, or refused while the last good version
 * stays in force (R21). `problems` are those of its file, `valid` whether the manifest at `commit` is accepted.
 */
export function withValidity(
  status: Status,
  manifest: { readonly valid: boolean; readonly problems: readonly Problem[]; readonly commit: string },
  now: Date,
): Status {
  const errors = manifest.problems.filter((problem) => problem.severity === 'error');
  if (manifest.valid || errors.length === 0) {
    const fact = { Type: 'Valid', Status: 'True', Reason: 'Accepted', Message: 'the manifest is in force' } as const;
    return observed(status, withCondition(status, fact, now), manifest.commit);
  }
  const named = errors.slice(0, PROBLEMS_NAMED).map(({ file, line, column, path, stage, message }) => {
    return `${file}:${line}:${column} ${path} (${stage}): ${message}`;
  });
  if (errors.length > PROBLEMS_NAMED) named.push(`and ${errors.length - PROBLEMS_NAMED} more`);
  const fact = { Type: 'Valid', Status: 'False', Reason: 'Invalid', Message: named.join('; ') } as const;
  return observed(status, withCondition(status, fact, now), manifest.commit);
}

/**
 * ObservedCommit names the commit that changed the condition. A later commit that changes nothing here is no fact, and
 * is not recorded.
 */
function observed(before: Status, after: Status, commit: string): Status {
  return after === before ? before : { ...after, ObservedCommit: commit };
}

/**
 * The facts with what they say about coming runs: `Ready` follows from the rest (R28, R32).
 * @param waits what a due run waits for
 */
export function withReadiness(status: Status, now: Date, waits: Block | null = null): Status {
  const { Suspended, NextRunTime, LastTrigger } = status;
  const known = status.Conditions.find((each) => each.Type === 'Ready');
  const refused = LastTrigger?.Outcome === 'Refused' ? `trigger ${LastTrigger.Token}: ${LastTrigger.Message}` : '';
  const fact = { Type: 'Ready', Status: NextRunTime && !Suspended ? 'True' : 'False' } as const;
  if (refused) return withCondition(status, { ...fact, Reason: 'TriggerRefused', Message: refused }, now);
  if (Suspended) return withCondition(status, { ...fact, Reason: 'Suspended', Message: 'suspended, never due' }, now);
  if (NextRunTime && waits)
    return withCondition(status, { ...fact, Status: 'False', Reason: WAITING, Message: waits.message }, now);
  if (NextRunTime) return withCondition(status, { ...fact, Reason: 'Scheduled', Message: 'runs at NextRunTime' }, now);
  if (known?.Reason === STATE_UNKNOWN) return status;
  return withCondition(status, { ...fact, Reason: 'NoFurtherRun', Message: 'its schedule has no further run' }, now);
}

/** The facts of a Once job that must not run before somebody says so (R41). */
export function unarmed(status: Status, now: Date): Status {
  const Message = 'its status file could not be read, or not be trusted: edit or trigger the job to arm it again';
  const unknown = { Type: 'Ready', Status: 'False', Reason: STATE_UNKNOWN, Message } as const;
  return withCondition({ ...status, NextRunTime: null }, unknown, now);
}
