import type { Problem } from '../problem.ts';
import type { Status } from '../status.ts';
import { withCondition } from './transitions.ts';

const PROBLEMS_TOLD = 5;

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
  const told = errors.slice(0, PROBLEMS_TOLD).map(({ file, line, column, path, stage, message }) => {
    return `${file}:${line}:${column} ${path} (${stage}): ${message}`;
  });
  if (errors.length > PROBLEMS_TOLD) told.push(`and ${errors.length - PROBLEMS_TOLD} more`);
  const fact = { Type: 'Valid', Status: 'False', Reason: 'Invalid', Message: told.join('; ') } as const;
  return observed(status, withCondition(status, fact, now), manifest.commit);
}

/**
 * ObservedCommit names the commit that brought the judgement, and stays while it lasts: the passing of commits is no
 * fact.
 */
function observed(before: Status, after: Status, commit: string): Status {
  return after === before ? before : { ...after, ObservedCommit: commit };
}
