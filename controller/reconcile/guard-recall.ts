import type { JobID } from '../../definitions/job.ts';
import type { GuardState } from '../../definitions/lifecycle/guard-state.ts';
import type { Fleet } from '../../definitions/manifest/fleet.ts';
import { BREAKER_FILE } from '../../definitions/own-paths.ts';
import { readBreaker } from '../../definitions/safety/breaker.ts';
import { guardOf } from '../../definitions/safety/guard-gates.ts';
import { durationMs } from '../../definitions/values/duration.ts';
import { dayFolder } from '../../definitions/values/time.ts';
import type { GitBackend } from '../backend.ts';
import { after, type Clock } from '../clock.ts';

const DAY_MS = 86_400_000;
/** How long is looked back where no guard asks for more: for what may have opened the breaker. */
const LEAST_MS = 3_600_000;

export interface GuardRecallOptions {
  readonly clock: Clock;
  readonly guards: GuardState;
  readonly repository: Pick<GitBackend['repository'], 'logs'>;
  /** Tells what controllers left from what others made of it (R45). */
  readonly others: Pick<GitBackend['others'], 'left' | 'isAsLeft'>;
  /** Ends the wait for the time after which what is not known counts no more: no process stays for that. */
  readonly stopping: AbortSignal;
}

/**
 * Lets the guards learn from Git what the journal does not know, because it is new, or `hasNews`: others have published
 * meanwhile. It is whom runs have reached within the time for which anything counts, and the breaker. What cannot be
 * read, or with signatures is not as a key of the service signed it, is not known, and so over every limit, until that
 * time has passed (G11). What was learnt is in memory alone: each start within that time asks again. Nothing is read
 * for a fleet that no guard limits.
 */
export async function recallGuards(
  options: GuardRecallOptions,
  { jobs, settings }: Pick<Fleet, 'jobs' | 'settings'>,
  hasNews: boolean,
): Promise<void> {
  const { clock, guards, others, stopping } = options;
  const actions = new Map<string, number>();
  for (const job of jobs.values()) {
    const { MaxMachines, MaxPercent, MinInterval, Per } =
      settings?.Guards[guardOf(job)] ?? guards.limits(guardOf(job), clock.now());
    const isCounted = MaxMachines !== null || MaxPercent !== null;
    const spans = [isCounted ? Per : null, MinInterval].map((text) => (text === null ? 0 : (durationMs(text) ?? 0)));
    if (guardOf(job) !== 'None' || Math.max(...spans) > 0) actions.set(job.spec.Action, Math.max(LEAST_MS, ...spans));
  }
  if (actions.size === 0) return;
  const longestMs = Math.max(...actions.values());
  const { recalled } = guards;
  if (recalled && !hasNews && clock.now().getTime() - recalled.getTime() > longestMs) return;
  if (!recalled || hasNews) guards.recalledAt(clock.now());
  try {
    const breaker = readBreaker((await others.left(BREAKER_FILE))?.bytes ?? null);
    if (breaker) guards.recallBreaker(breaker);
    await recallLogs(options, [...actions.keys()], longestMs);
  } catch {
    guards.known(false);
    const passed = clock.sleep(after(clock, longestMs), stopping);
    passed.then(
      () => guards.known(true),
      () => undefined,
    );
  }
}

async function recallLogs(
  { clock, guards, repository, others }: GuardRecallOptions,
  actions: readonly JobID[],
  longestMs: number,
): Promise<void> {
  const now = clock.now().getTime();
  const days: string[] = [];
  for (let ago = 0; ago <= longestMs + DAY_MS; ago += DAY_MS) days.push(dayFolder(new Date(now - ago)));
  if (!(await others.isAsLeft(days.map((day) => `logs/${day}`)))) throw new Error('logs that nobody has signed');
  const isWanted = (name: string) => actions.some((action) => name.includes(`_${action}_`));
  for (const day of days) {
    const found = await repository.logs([day], isWanted, refuse);
    for (const { log } of found) if (actions.includes(log.Action)) guards.recall(log);
  }
}

/** Whom it tells of is not known: a run that nobody counts would go past a limit. */
function refuse(what: string): never {
  throw new Error(`${what} is more than is read`);
}
