import { ACTIONS } from '../actions/index.ts';
import type { Job } from '../job.ts';
import { irreversible } from '../safety/revert/entry.ts';

/** What becomes of what a job has done, where that needs to be known before its first run; null: nothing special. */
export function revertNote({ spec }: Job): string | null {
  if (spec.OnFailure === 'Revert') return 'where it fails, what it has set on that machine is put back';
  const action = ACTIONS.get(spec.Action);
  const reason = action ? irreversible(action) : null;
  return reason === null ? null : `what it does cannot be taken back: ${reason}`;
}
