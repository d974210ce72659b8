import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import { UsageError } from '../cli/exit-code.ts';
import { after, systemClock } from '../clock.ts';
import type { ControllerEvent } from '../events/event.ts';
import type { RedfishEvent } from '../redfish/conversation.ts';
import type { Service } from '../service.ts';
import { VERSION } from '../version.ts';
import { jobServiceRoutes } from './api/job-service.ts';
import { createManifestWriter, type ManifestWriter } from './api/manifest-writer.ts';
import { openAPIRoute } from './api/openapi.ts';
import { redfishError } from './api/redfish-error.ts';
import { createEventStream } from './event-stream.ts';
import { healthRoutes } from './health.ts';
import { type HttpError, text } from './http.ts';
import { type Listening, startServer } from './http-server.ts';
import { type ListenAddress, readListenAddress } from './listen-address.ts';
import { installCounters } from './metrics/counters.ts';
import { installGauges } from './metrics/gauges.ts';
import { createInstruments } from './metrics/instruments.ts';
import { commitsAddress, pageRoutes } from './page.ts';
import { createRecentRuns } from './recent-runs.ts';
import type { Route } from './router.ts';
import { createRows } from './rows.ts';
import { NO_TOKENS, readTokens, type Tokens } from './tokens.ts';
import { hookRoute } from './webhook.ts';
import { judgeHook } from './webhook-signature.ts';

/** What serving takes of the command line. */
export interface ServingOptions {
  /** `HOST:PORT` */
  readonly listen: string;
  /** A file of `name sha256hex` lines: who may write. */
  readonly apiTokens?: string;
  /** A file with the secret of the push hook. */
  readonly hookSecret?: string;
  /** Whether the service pushes to its remote at all. */
  readonly push?: boolean;
  /** An SSH allowed-signers file: commits must be signed (R45). */
  readonly verifyCommits?: string;
  /** Another free port will do when this one is taken. */
  readonly elsewhere?: boolean;
}

/** The controller's view of the world over HTTP, and what it must be told. */
export interface Serving {
  readonly origin: string;
  readonly observe: (event: ControllerEvent) => void;
  readonly hear: (entries: readonly JournalEntry[]) => void;
  readonly line: (event: RedfishEvent) => void;
  close(): Promise<void>;
}

/** Listens on behalf of a controller that has not started yet. @throws UsageError, or the system's error */
export async function startServing(service: Service, options: ServingOptions, failed: (error: unknown) => void) {
  const listen = readListenAddress(options.listen);
  if (!listen) throw new UsageError(`--listen ${options.listen}: say HOST:PORT, such as 127.0.0.1:8080`);
  const tokens = await tokensOf(options.apiTokens);
  const { agenda, inForce, runner, journal, backend } = service;
  const now = () => systemClock.now();
  const history = createRecentRuns();
  for await (const entry of journal.since(0)) history.note([entry]);
  history.pushed(await backend.publishedThrough());
  const instruments = createInstruments();
  installGauges(instruments, {
    ...{ version: VERSION, now, agenda, unpushed: history.unpushed },
    machines: () => inForce.machines.size,
    workers: () => (inForce.settings ?? DEFAULT_SETTINGS).WorkerPoolSize,
    running: () => runner.running,
    problems: () => inForce.problems,
  });
  const counters = installCounters(instruments, { now, agenda });
  const workers = () => (inForce.settings ?? DEFAULT_SETTINGS).WorkerPoolSize;
  const health = { instruments, reconciled: () => inForce.commit !== null, recordable: () => recordable(service) };
  const rows = createRows({ agenda, history, now, inForce });
  const eventStream = createEventStream({
    ...{ rows, inForce, history, now, failed },
    facts: () => ({
      ...{ commit: inForce.commit, workers: workers(), active: runner.running },
      ...{ problems: inForce.problems.length, unpushed: history.unpushed().count },
    }),
  });
  const routes = [
    ...pageRoutes({ eventStream, history, commits: commitsAddress(backend.url), version: VERSION }),
    ...healthRoutes(health),
    openAPIRoute(VERSION),
    ...(await hooksOf(service, options.hookSecret)),
    ...jobServiceRoutes({
      ...{ agenda, now, pause, writer: writerOf(service, options) },
      facts: () => ({ workers: workers(), running: runner.running, jobs: agenda.jobs.size }),
    }),
  ];
  const { answered } = counters;
  const refuse = (refusal: HttpError, path: string) =>
    path.startsWith('/MultiFish/') ? redfishError(refusal) : text(refusal.message, refusal.status, refusal.headers);
  const listening = await open({ listen, routes, tokens, failed, answered, refuse }, options.elsewhere ?? false);
  return {
    origin: listening.origin,
    observe(event: ControllerEvent) {
      counters.observe(event);
      if (event.event === 'published' && event.outcome === 'Pushed') history.pushed(event.seq);
      eventStream.touch();
    },
    hear(entries: readonly JournalEntry[]) {
      history.note(entries);
      eventStream.touch();
    },
    line: counters.line,
    async close() {
      eventStream.close();
      await listening.close();
      instruments.close();
    },
  } satisfies Serving;
}

async function open(options: Parameters<typeof startServer>[0], elsewhere: boolean): Promise<Listening> {
  try {
    return await startServer(options);
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken || !elsewhere) throw error;
    const listen: ListenAddress = { ...options.listen, port: 0 };
    return startServer({ ...options, listen });
  }
}

async function tokensOf(path: string | undefined): Promise<Tokens> {
  if (path === undefined) return NO_TOKENS;
  return readTokens(await readFile(path, 'utf8'));
}

async function hooksOf({ controller }: Service, path: string | undefined): Promise<readonly Route[]> {
  if (path === undefined) return [];
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret.length < 8) throw new UsageError(`--hook-secret ${path}: a secret has at least 8 characters`);
  return [hookRoute(judgeHook, secret, controller.nudge)];
}

async function recordable({ journal, backend }: Service): Promise<boolean> {
  try {
    await access(join(backend.stateDir, 'journal'), constants.W_OK);
    return await journal.hasRoom(1);
  } catch {
    return false;
  }
}

function pause(ms: number): Promise<void> {
  return systemClock.sleep(after(systemClock, ms));
}

/** Writes into the fleet's repository, where that can be done without asking for trouble. */
function writerOf({ controller, manifestCache, backend, inForce }: Service, options: ServingOptions): ManifestWriter {
  const { authoring, repository, url } = backend;
  return createManifestWriter({
    ...{ pause, authoring },
    forbidden: forbidden(options, url),
    reconcile: controller.reconcile,
    latest: () => manifestCache.latest,
    commit: () => inForce.commit,
    read: async (commit, path) => (await repository.read(commit, [path])).get(path)?.bytes ?? null,
  });
}

/** Why this service may not write manifests; null when it may. */
function forbidden({ push = true, verifyCommits }: ServingOptions, url: string | null): string | null {
  if (verifyCommits !== undefined) {
    return 'commits must be signed here (--verify-commits), and the service has no key: commit and sign it in Git';
  }
  return push || url === null ? null : 'the service was started with --no-push: make the change in Git';
}
