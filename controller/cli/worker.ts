import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { isSite, SITE_PATTERN, type Site } from '../../definitions/engine/names.ts';
import { systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import type { Engine } from '../engine/engine.ts';
import type { SiteWorker } from '../engine/worker.ts';
import type { EngineEvent } from '../events/engine-event.ts';
import type { LogLevel } from '../events/logger.ts';
import { createLocalExecutor } from '../executors/local.ts';
import { readListenAddress } from '../server/listen-address.ts';
import { takeSignals } from '../signals.ts';
import { takeLock } from '../state/lock.ts';
import { VERSION } from '../version.ts';
import { type EngineOptions, engineAddress, engineFault, processID } from './engine-options.ts';
import { type ExitCode, endAtOnce, UsageError } from './exit-code.ts';
import { createLogger } from './log-output.ts';
import { checkCredentialsDir } from './run-checks.ts';

/** What `worker` is asked for. */
export interface WorkerCommandOptions {
  readonly engine: EngineOptions;
  readonly site: Site;
  readonly credentialsDir?: string;
  readonly connections: number;
  readonly stateDir?: string;
  readonly listen?: string;
  readonly shutdownTimeoutMs: number;
  readonly log: { readonly level: LogLevel; readonly format: 'text' | 'json' };
}

/** How long a worker waits for the engine when it starts. */
const START_MS = 45_000;

/** Carries out the parts of a site until a signal. 3 where the engine cannot be had in time. */
export async function worker(options: WorkerCommandOptions): Promise<ExitCode> {
  await checkWorkerOptions(options);
  const log = createLogger(options.log);
  const observe = (detail: EngineEvent) => log({ event: 'engine', detail });
  const signals = takeSignals();
  const stateDir = resolve(options.stateDir ?? defaultStateDir(options.site));
  const lock = await takeLock(stateDir, { signal: signals.early, lost: endAtOnce });
  // Loaded here: no other command need load what speaks to an engine.
  const { openLink } = await import('../engine/link.ts');
  const { connectEngine } = await import('../engine/nats.ts');
  const address = { ...engineAddress(options.engine, 'worker'), inbox: `_INBOX_${options.site}` };
  const link = openLink({
    connect: () => connectEngine(address),
    prepare: async () => {},
    clock: systemClock,
    observe,
  });
  try {
    const engine = await link.within(START_MS, signals.early);
    if (signals.early.aborted) return 0;
    if (engine === null) {
      process.stderr.write(`bmcron worker: the engine cannot be had within ${START_MS / 1000} s\n`);
      return 3;
    }
    await serve(options, { engine, stateDir, observe, signals });
    return 0;
  } finally {
    signals.release();
    await link.close();
    await lock.release();
  }
}

/** @throws UsageError */
async function checkWorkerOptions({ engine, site, credentialsDir, listen }: WorkerCommandOptions): Promise<void> {
  const faults = [
    await engineFault(engine),
    isSite(site) ? null : `--site ${site}: a site is ${SITE_PATTERN.slice(1, -1)}, as in the label site`,
    listen === undefined || readListenAddress(listen)
      ? null
      : `--listen ${listen}: say HOST:PORT, such as 127.0.0.1:8080`,
  ].filter((fault) => fault !== null);
  if (faults.length > 0) throw new UsageError(faults.join('\n  '));
  await checkCredentialsDir(credentialsDir);
}

function defaultStateDir(site: Site): string {
  const { XDG_STATE_HOME, HOME = '.' } = process.env;
  return join(XDG_STATE_HOME ?? join(HOME, '.local/state'), 'bmcron', `worker-${site}`);
}

interface WorkerParts {
  readonly engine: Engine;
  readonly stateDir: string;
  readonly observe: (event: EngineEvent) => void;
  readonly signals: ReturnType<typeof takeSignals>;
}

async function serve(
  options: WorkerCommandOptions,
  { engine, stateDir, observe, signals }: WorkerParts,
): Promise<void> {
  const { site, connections, shutdownTimeoutMs } = options;
  const { createSiteWorker } = await import('../engine/worker.ts');
  const { openOutbox } = await import('../engine/outbox.ts');
  const { createStopwatch } = await import('../engine/stopwatch.ts');
  const credentials = createCredentials({ dir: options.credentialsDir, env: process.env });
  const working = createSiteWorker({
    engine,
    site,
    id: processID(),
    host: hostname(),
    version: VERSION,
    places: connections,
    executor: createLocalExecutor({ credentials, clock: systemClock, random: Math.random }),
    outbox: await openOutbox(join(stateDir, 'outbox')),
    clock: systemClock,
    stopwatch: createStopwatch(systemClock),
    observe,
  });
  const health = options.listen === undefined ? null : await serveHealth(options.listen, working);
  let stopping: Promise<void> | null = null;
  signals.begun(() => (stopping ??= working.stop(shutdownTimeoutMs)));
  try {
    await working.run();
    await stopping;
  } finally {
    await health?.close();
  }
}

/** `/healthz` is about the process; `/readyz` says what the worker is at, and 503 while the engine is away. */
async function serveHealth(listen: string, working: SiteWorker): Promise<{ close(): Promise<void> }> {
  const { startServer } = await import('../server/http-server.ts');
  const { text } = await import('../server/http.ts');
  const { NO_TOKENS } = await import('../server/tokens.ts');
  const address = readListenAddress(listen) ?? { host: '127.0.0.1', port: 0 };
  return startServer({
    listen: address,
    tokens: NO_TOKENS,
    failed: () => undefined,
    routes: [
      { method: 'GET', path: '/healthz', audience: 'anyone', handle: () => text('ok') },
      {
        method: 'GET',
        path: '/readyz',
        audience: 'anyone',
        handle: () => {
          const health = working.health();
          const body = JSON.stringify(health);
          return { status: health.connected ? 200 : 503, headers: { 'content-type': 'application/json' }, body };
        },
      },
    ],
  });
}
