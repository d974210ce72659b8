import { hash } from 'node:crypto';
import type { JobSpec } from '../job.ts';
import { canonical, type Json } from '../values/json.ts';

/**
 * Digest of what a job does to a machine, as written: Action and Payload. An edit of the schedule, of the machines or
 * of a label is no new effect, and begins no rollout (W03).
 */
export function effectOf({ Action, Payload }: Pick<JobSpec, 'Action' | 'Payload'>): string {
  return hash('sha256', canonical({ Action, Payload: Payload as unknown as Json }), 'hex').slice(0, 16);
}
