import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nextBlock } from '../../definitions/lifecycle/in-force.ts';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { GateContext } from '../../definitions/safety/gate.ts';
import { nextOpening } from '../../definitions/safety/openings.ts';
import type { GitBackend } from '../backend.ts';
import type { Clock } from '../clock.ts';
import type { ServedSites } from '../engine/served-sites.ts';
import type { ControllerEvent } from '../events/event.ts';
import type { RedfishEvent } from '../events/redfish-event.ts';
import type { Journal } from '../state/journal.ts';
import { VERSION } from '../version.ts';
import { redfishError } from './api/redfish-error.ts';
import { apiRoutes, type ControllerOfAPI, type WritingOptions, whyNoWrites } from './api/routes.ts';
import { createEventStream, type EventStream } from './event-stream.ts';
import { healthRoutes } from './health.ts';
import { type HttpError, type HttpResponse, text } from './http.ts';
import { type Listening, type ServerLimits, type ServerOptions, startServer } from './http-server.ts';
import { readListenAddress } from './listen-address.ts';
import { type Counters, installCounters } from './metrics/counters.ts';
import { installGauges } from './metrics/gauges.ts';
import { createInstruments, type Instruments } from './metrics/instruments.ts';
import { createLeftOutNotice, installPerJob } from './metrics/per-job.ts';
import { pageRoutes } from './page.ts';
import { recallRuns } from './past-runs.ts';
import { createRecentRuns, type RecentRuns } from './recent-runs.ts';
import type { Route } from './router.ts';
import { createRows, type Rows, type ShownInForce } from './rows.ts';
import { NO_TOKENS, readTokens, type Tokens } from './tokens.ts';
import { holdsOf, pageService } from './views/page-service.ts';
import { readHookSecret, webhookRoute } from './webhook.ts';

/** The controller that is served, as far as the server reads it or asks something of it. */
export interface ServedController extends ControllerOfAPI {
  readonly controller: ControllerOfAPI['controller'] & { readonly nudge: () => void };
  readonly inForce: ShownInForce;
  readonly connections: { readonly active: number; readonly away: number };
  /** Who serves the machines of sites. */
  readonly sites?: ServedSites | undefined;
  readonly journal: Pick<Journal, 'since' | 'hasRoom'>;
  readonly backend: ControllerOfAPI['backend'] & Pick<GitBackend, 'stateDir' | 'publishedThrough' | 'place'>;
  /** What keeps runs from beginning at this moment. */
  readonly gates: () => Pick<GateContext, 'guards' | 'isHeld'>;
}

/** Where to listen, and who may do what. */
export interface ServingOptions extends WritingOptions {
  /** `HOST:PORT` */
  readonly listen: string;
  /** Whether any other free port will do when this one is taken. */
  readonly anyFreePort: boolean;
  /** A file of `name sha256hex` lines: who may write. Absent: nobody. */
  readonly apiTokens?: string | undefined;
  /** A file with the secret of the push hook. Absent: there is no hook. */
  readonly hookSecret?: string | undefined;
  /** What clients may take; by default what is right for the files that this process may open. */
  readonly limits?: Partial<ServerLimits>;
}

/** What serving takes from outside. */
export interface ServingDeps {
  readonly clock: Clock;
  readonly observe: (event: ControllerEvent) => void;
}

/** A server that listens, and what it is kept up to date by. */
export interface Serving {
  /** `http://127.0.0.1:8080` */
  readonly origin: string;
  readonly observe: (event: ControllerEvent) => void;
  readonly observeRedfish: (event: RedfishEvent) => void;
  /** Takes the journal entries that have become durable, in order. */
  readonly appended: (entries: readonly JournalEntry[]) => void;
  close(): Promise<void>;
}

/** An option that nothing can be served by: which one, and what is allowed. */
export class ServingOptionsError extends Error {
  override readonly name = 'ServingOptionsError';
}

/**
 * Listens on behalf of a controller that has not started yet.
 * @throws ServingOptionsError, TokensError, HookSecretError, or the system's error
 */
export async function startServing(
  served: ServedController,
  options: ServingOptions,
  { clock, observe }: ServingDeps,
): Promise<Serving> {
  const listen = readListenAddress(options.listen);
  if (!listen) throw new ServingOptionsError(`--listen ${options.listen}: say HOST:PORT, such as 127.0.0.1:8080`);
  const tokens = await readTokenFile(options.apiTokens);
  const now = () => clock.now();
  const failed = (error: unknown) => observe({ event: 'serveFailed', error });
  const recentRuns = await readRecentRuns(served);
  const instruments = createInstruments();
  const counters = installMetrics(instruments, served, recentRuns, now);
  const tellLeftOut = createLeftOutNotice(
    { agenda: served.agenda, most: () => served.inForce.settings.Metrics.PerJob },
    observe,
  );
  const { agenda, inForce } = served;
  const rows = createRows({ agenda, recentRuns, now, inForce });
  const eventStream = openEventStream(served, rows, recentRuns, now, failed);
  const { troubles } = rows;
  const nobody = tokens.size === 0 ? 'the service was started without --api-tokens' : null;
  const readOnly = nobody ?? whyNoWrites(options, served.backend.url);
  const service = pageService({ ...served.backend, settings: () => inForce.settings, version: VERSION, readOnly });
  const views = { agenda, inForce, recentRuns, troubles, holds: () => holdsOf(served), now };
  const routes = [
    ...pageRoutes({ eventStream, views, service }),
    ...healthRoutes({
      instruments,
      reconciled: () => served.inForce.commit !== null,
      recordable: () => isRecordable(served),
    }),
    ...(await webhookRoutes(served, options.hookSecret)),
    ...apiRoutes(served, recentRuns, options, clock),
  ];
  const { limits = {} } = options;
  const server = { listen, routes, tokens, failed, answered: counters.answered, refuse, limits };
  const listening = await listenSomewhere(server, options.anyFreePort);
  return {
    origin: listening.origin,
    observe(event) {
      counters.observe(event);
      if (event.event === 'passed') tellLeftOut();
      if (event.event === 'ready') recallRuns(served, recentRuns, now()).then(eventStream.touch, failed);
      if (event.event === 'published' && event.outcome === 'Pushed') recentRuns.pushed(event.seq);
      eventStream.touch();
    },
    observeRedfish: counters.observeRedfish,
    appended(entries) {
      recentRuns.note(entries);
      eventStream.touch();
    },
    async close() {
      eventStream.close();
      await listening.close();
      instruments.close();
    },
  };
}

async function readTokenFile(path: string | undefined): Promise<Tokens> {
  if (path === undefined) return NO_TOKENS;
  return readTokens(await readFile(path, 'utf8'));
}

/** What the journal still knows of runs before this start. */
async function readRecentRuns({ journal, backend }: ServedController): Promise<RecentRuns> {
  const recentRuns = createRecentRuns();
  for await (const entry of journal.since(0)) recentRuns.note([entry]);
  recentRuns.pushed(await backend.publishedThrough());
  return recentRuns;
}

function workersOf({ inForce }: ServedController): number {
  return inForce.settings.WorkerPoolSize;
}

function installMetrics(
  instruments: Instruments,
  served: ServedController,
  recentRuns: RecentRuns,
  now: () => Date,
): Counters {
  const { agenda, inForce, runner, connections } = served;
  installGauges(instruments, {
    version: VERSION,
    now,
    agenda,
    machines: () => inForce.machines.size,
    lastOutcomes: () => [...inForce.machines.keys()].map(recentRuns.outcome),
    blocked: () => blockedJobs(served),
    nextOpening: () => nextOpening(inForce.windows, inForce.settings.TimeZone, now()),
    workers: () => workersOf(served),
    running: () => runner.running,
    waiting: () => runner.waiting,
    connections: {
      most: () => inForce.settings.MaxConnections,
      active: () => connections.active,
      waiting: () => connections.away,
    },
    sites: () => served.sites?.states ?? [],
    problems: () => inForce.problems,
    unpushed: recentRuns.unpushed,
  });
  installPerJob(instruments, { agenda, recentRuns, most: () => inForce.settings.Metrics.PerJob });
  return installCounters(instruments, { now, agenda });
}

/** Jobs whose next run windows forbid. */
function blockedJobs({ agenda, inForce }: ServedController): number {
  let blocked = 0;
  for (const job of agenda.jobs.values()) {
    const status = agenda.status(job.id);
    if (status && nextBlock(inForce, job, status) !== null) blocked += 1;
  }
  return blocked;
}

function openEventStream(
  served: ServedController,
  rows: Rows,
  recentRuns: RecentRuns,
  now: () => Date,
  failed: (error: unknown) => void,
): EventStream {
  const { inForce, runner } = served;
  return createEventStream({
    rows,
    inForce,
    recentRuns,
    now,
    failed,
    facts: () => ({
      commit: inForce.commit,
      workers: workersOf(served),
      active: runner.running,
      waiting: runner.waiting,
      problems: inForce.problems.length,
      unpushed: recentRuns.unpushed().count,
      holds: holdsOf(served),
    }),
  });
}

async function webhookRoutes(
  { controller }: ServedController,
  secretFile: string | undefined,
): Promise<readonly Route[]> {
  if (secretFile === undefined) return [];
  const secret = readHookSecret(await readFile(secretFile, 'utf8'));
  return [webhookRoute(secret, controller.nudge, () => performance.now())];
}

function refuse(error: HttpError, path: string): HttpResponse {
  return path.startsWith('/MultiFish/') ? redfishError(error) : text(error.message, error.status, error.headers);
}

async function listenSomewhere(options: ServerOptions, anyFreePort: boolean): Promise<Listening> {
  try {
    return await startServer(options);
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!isTaken || !anyFreePort) throw error;
    return startServer({ ...options, listen: { ...options.listen, port: 0 } });
  }
}

async function isRecordable({ journal, backend }: ServedController): Promise<boolean> {
  try {
    await access(join(backend.stateDir, 'journal'), constants.W_OK);
    return await journal.hasRoom(1);
  } catch {
    return false;
  }
}
