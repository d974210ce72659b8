import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { withReadiness } from '../../definitions/lifecycle/conditions.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { withProgress } from '../../definitions/lifecycle/rollout-facts.ts';
import { statusPath } from '../../definitions/status.ts';
import type { Clock } from '../clock.ts';

/** Makes status records of manifest files; `Ready` is brought up to date first (R28, R32). */
export function createStatusRecord(agenda: Agenda, clock: Clock): (file: string) => JournalRecord {
  return (file) => {
    const now = clock.now();
    for (const status of agenda.documents(file)) {
      const job = agenda.jobs.get(status.Id);
      const ready = withProgress(withReadiness(status, now, agenda.deferred.get(status.Id)?.block), now);
      if (job && ready !== status) agenda.put(job, ready);
    }
    return { kind: 'status', path: statusPath(file), documents: agenda.documents(file) };
  };
}
