import type { LastRun, Status } from '../../definitions/status.ts';
import { counted, printable, printableJson } from '../../definitions/values/text.ts';
import { after, type Clock } from '../clock.ts';
import type { RepositoryView } from './fleet/repository-view.ts';
import { type PublishedTipOptions, publishedTip, readStatusFiles } from './fleet/status-files.ts';
import type { Output } from './report.ts';

export interface WaitOptions extends PublishedTipOptions {
  readonly job: string;
  readonly token: string;
  readonly format: 'text' | 'json';
  /** How long is waited at most, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly out: Output;
}

/** What has become of a token. */
export type TokenOutcome =
  | { readonly outcome: 'none yet' }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'runs'; readonly run: string }
  | { readonly outcome: 'ended'; readonly run: LastRun }
  /** Another run of the job has begun since: what became of it stands in the logs alone. */
  | { readonly outcome: 'overtaken'; readonly run: string };

const LOOK_MS = 1_000;

/** What the facts of a job say of a token. */
export function outcomeOf(
  { LastTrigger, LastRun }: Pick<Status, 'LastTrigger' | 'LastRun'>,
  token: string,
): TokenOutcome {
  if (LastTrigger?.Before?.includes(token)) return { outcome: 'overtaken', run: token };
  if (LastTrigger?.Token !== token) return { outcome: 'none yet' };
  if (LastTrigger.Outcome === 'Refused') return { outcome: 'refused', reason: LastTrigger.Message };
  const run = LastTrigger.Message;
  if (LastRun?.RunID !== run) return { outcome: 'overtaken', run };
  return LastRun.EndTime === null ? { outcome: 'runs', run } : { outcome: 'ended', run: LastRun };
}

/**
 * Follows the run of a token by the published status of its job, to its end.
 * @returns the exit code: 0 it succeeded on every machine, 1 it failed, skipped machines or was refused, 3 its end was
 * not seen: in time, before a signal, or since another run has come
 */
export async function waitForRun(repository: RepositoryView, options: WaitOptions): Promise<number> {
  const { job, token, clock, signal, err } = options;
  const end = after(clock, options.timeoutMs);
  let told = '';
  for (;;) {
    const tip = await publishedTip(repository, options);
    const files = await readStatusFiles({ repository, tip }, err);
    const facts = files.find(({ status: { Id } }) => Id === job)?.status;
    const seen: TokenOutcome = facts ? outcomeOf(facts, token) : { outcome: 'none yet' };
    if (seen.outcome === 'ended') return ended(seen.run, options);
    if (seen.outcome === 'refused') {
      err.write(`bmcron trigger: refused: ${printable(seen.reason)}\n`);
      return 1;
    }
    const where = `see bmcron logs ${job}`;
    if (seen.outcome === 'overtaken') {
      err.write(`bmcron trigger: another run of ${job} has come after ${printable(seen.run)}: ${where}\n`);
      return 3;
    }
    if (seen.outcome === 'runs' && told !== seen.run) err.write(`${printable(seen.run)} runs\n`);
    told = seen.outcome === 'runs' ? seen.run : told;
    const isOver = clock.now() >= end;
    if (!isOver) await clock.sleep(after(clock, LOOK_MS), signal).catch(() => undefined);
    if (!isOver && !signal?.aborted) continue;
    const why = signal?.aborted ? 'ended by a signal' : 'its end has not come in time';
    err.write(`bmcron trigger: ${why}: ${told === '' ? 'no run of it was seen' : 'it goes on'}; ${where}\n`);
    return 3;
  }
}

function ended(run: LastRun, { format, out }: WaitOptions): number {
  const { RunID, Succeeded, Failed, FailedMachines, Skipped = 0, SkippedMachines = [] } = run;
  if (format === 'json') out.write(`${printableJson({ run: RunID, ...run })}\n`);
  else {
    const parts = [`${counted(Succeeded, 'machine')} done`, `${Failed} failed`, `${Skipped} skipped`];
    const lines = [...FailedMachines, ...SkippedMachines].map((line) => `  ${printable(line)}\n`);
    out.write(`${printable(RunID)}: ${parts.slice(0, Skipped > 0 ? 3 : 2).join(', ')}\n${lines.join('')}`);
  }
  return Failed > 0 || Skipped > 0 ? 1 : 0;
}
