import type { Job, JobSpec, Jobs } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { Change } from '../../definitions/lifecycle/plan.ts';
import { takesAgain, withRollout } from '../../definitions/lifecycle/rollout-facts.ts';
import { isUsed, type TriggerRequest } from '../../definitions/lifecycle/trigger.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import { effectOf } from '../../definitions/rollout/effect.ts';
import type { Promoted } from '../../definitions/status.ts';
import type { GitBackend } from '../backend.ts';
import type { ControllerEvent } from '../events/event.ts';

/** What promoted versions say that some jobs keep, by their effects. */
export type Versions = Map<string, Pick<JobSpec, 'Action' | 'Payload'>>;

export interface PromotedOptions {
  readonly agenda: Agenda;
  readonly repository: GitBackend['repository'];
  readonly versions: Versions;
  readonly observe: (event: ControllerEvent) => void;
}

/** What follows from the manifests in force for their rollouts: changed status files, and runs that are asked for. */
export function followRollouts(agenda: Agenda): { readonly files: string[]; readonly triggers: TriggerRequest[] } {
  const files: string[] = [];
  const triggers: TriggerRequest[] = [];
  for (const job of agenda.jobs.values()) {
    const status = agenda.status(job.id);
    if (!status || (!status.Rollout && !job.spec.Rollout)) continue;
    const facts = withRollout(status, job, { status, file: job.source.file });
    if (facts === status) continue;
    agenda.put(job, facts);
    files.push(job.source.file);
    const token = takesAgain(status, facts);
    if (token !== null && !isUsed(facts, token)) triggers.push({ job: job.id, token });
  }
  return { files, triggers };
}

/**
 * Loads the promoted versions that these jobs may have to keep once they are in force, from the commits that their
 * facts name. Such a commit counts where the tip contains it, since anybody could have named one, and where it says
 * what was promoted.
 */
export async function loadPromoted(
  options: PromotedOptions,
  jobs: Jobs,
  changes: readonly Change[],
  tip: string,
): Promise<void> {
  const { agenda, versions } = options;
  const before = new Map(changes.flatMap((each) => (each.op === 'rename' ? [[each.job.id, each.was] as const] : [])));
  const wanted = new Set<string>();
  for (const job of jobs.values()) {
    if (!job.spec.Rollout) continue;
    const was = before.get(job.id) ?? agenda.jobs.get(job.id);
    const status = was && agenda.status(was.id);
    const facts = status && withRollout(status, job, { status, file: was.source.file }).Rollout;
    if (!facts?.Promoted || facts.Promoted.Effect === facts.Effect) continue;
    wanted.add(facts.Promoted.Effect);
    if (!versions.has(facts.Promoted.Effect)) await load(options, job, facts.Promoted, tip);
  }
  for (const effect of versions.keys()) if (!wanted.has(effect)) versions.delete(effect);
}

async function load(
  { repository, versions, observe }: PromotedOptions,
  job: Job,
  { Effect, Commit, File }: Promoted,
  tip: string,
): Promise<void> {
  const isBelow = COMMIT.test(Commit) && (Commit === tip || (await repository.contains(tip, Commit)));
  const files = isBelow ? await repository.read(Commit, [File]).catch(() => null) : null;
  const bytes = files?.get(File)?.bytes;
  const reading = bytes ? readFile('job', bytes) : null;
  const specs = reading?.kind === 'job' ? reading.documents.map(({ spec }) => spec) : [];
  const spec = specs.find((each) => each && effectOf(each) === Effect);
  if (spec) versions.set(Effect, { Action: spec.Action, Payload: spec.Payload });
  else {
    const reason = `the promoted version of ${job.id} is not in commit ${Commit || '(none)'}: nobody keeps it`;
    observe({ event: 'unreadable', file: File, reason });
  }
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
