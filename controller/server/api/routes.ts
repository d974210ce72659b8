import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import type { GitBackend } from '../../backend.ts';
import { after, type Clock } from '../../clock.ts';
import type { ManifestCache } from '../../reconcile/manifest-cache.ts';
import { VERSION } from '../../version.ts';
import type { RecentRuns } from '../recent-runs.ts';
import type { Route } from '../router.ts';
import type { ShownInForce } from '../rows.ts';
import { jobServiceRoutes } from './job-service.ts';
import { machineRoutes } from './machines.ts';
import { createManifestWriter, type ManifestWriter } from './manifest-writer.ts';
import { openAPIRoute } from './openapi.ts';
import { runRoutes } from './runs.ts';

/** The controller as the API reads it, or asks something of it. */
export interface ControllerOfAPI {
  readonly controller: { readonly reconcile: () => Promise<void> };
  readonly agenda: Agenda;
  readonly inForce: Pick<ShownInForce, 'settings' | 'machines' | 'commit'>;
  readonly runner: { readonly running: number; readonly waiting: number };
  readonly manifestCache: Pick<ManifestCache, 'latest'>;
  readonly backend: Pick<GitBackend, 'authoring' | 'repository' | 'url'>;
}

/** What decides whether manifests may be written. */
export interface WritingOptions {
  /** Whether the service pushes to its remote; when it does not, nobody writes manifests through it. */
  readonly push: boolean;
  /** An SSH allowed-signers file: people sign what takes effect (R45), and the service signs no manifest. */
  readonly verifyCommits?: string | undefined;
}

/** Everything under `/MultiFish/v1`, and the document that describes it. */
export function apiRoutes(
  served: ControllerOfAPI,
  recentRuns: RecentRuns,
  options: WritingOptions,
  clock: Clock,
): readonly Route[] {
  const { agenda, inForce, runner } = served;
  const machines = () => inForce.machines;
  return [
    openAPIRoute(VERSION),
    ...jobServiceRoutes({
      agenda,
      now: () => clock.now(),
      pause: (ms) => pause(clock, ms),
      writer: createWriter(served, options, clock),
      facts: () => ({
        workers: inForce.settings.WorkerPoolSize,
        running: runner.running,
        waiting: runner.waiting,
        jobs: agenda.jobs.size,
      }),
    }),
    ...machineRoutes({ agenda, machines, recentRuns }),
    ...runRoutes({ agenda, machines, recentRuns }),
  ];
}

function pause(clock: Clock, ms: number): Promise<void> {
  return clock.sleep(after(clock, ms));
}

/** Writes into the fleet's repository, where the service may do so. */
function createWriter(served: ControllerOfAPI, options: WritingOptions, clock: Clock): ManifestWriter {
  const { controller, manifestCache, backend, inForce } = served;
  const { authoring, repository, url } = backend;
  return createManifestWriter({
    forbidden: whyNoWrites(options, url),
    authoring,
    reconcile: controller.reconcile,
    latest: () => manifestCache.latest,
    commit: () => inForce.commit,
    read: async (commit, path) => (await repository.read(commit, [path])).get(path)?.bytes ?? null,
    pause: (ms) => pause(clock, ms),
  });
}

/** Why this service may not write manifests; null when it may. */
export function whyNoWrites({ push, verifyCommits }: WritingOptions, url: string | null): string | null {
  if (verifyCommits !== undefined) {
    return 'people must sign here (--verify-commits), and the service signs no manifest: commit and sign it in Git';
  }
  return push || url === null ? null : 'the service was started with --no-push: make the change in Git';
}
