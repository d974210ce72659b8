import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../definitions/record.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import type { Assembly } from '../assembly.ts';
import { systemClock } from '../clock.ts';
import type { ControllerEvent } from '../event.ts';
import { VERSION } from '../package.ts';
import type { RedfishEvent } from '../redfish/context.ts';
import { type ListenAddress, readListenAddress } from '../server/address.ts';
import { installCounters } from '../server/counters.ts';
import { installGauges } from '../server/gauges.ts';
import { healthRoutes } from '../server/health.ts';
import { createHistory } from '../server/history.ts';
import { createInstruments } from '../server/metrics.ts';
import { type Listening, startServer } from '../server/server.ts';
import { NO_TOKENS, readTokens, type Tokens } from '../server/tokens.ts';
import { UsageError } from './exit.ts';

/** What serving takes of the command line. */
export interface ServingOptions {
  /** `HOST:PORT` */
  readonly listen: string;
  /** A file of `name sha256hex` lines: who may write. */
  readonly apiTokens?: string;
  /** A file with the secret of the push hook. */
  readonly hookSecret?: string;
  /** Another free port will do when this one is taken. */
  readonly elsewhere?: boolean;
}

/** The controller's view of the world over HTTP, and what it must be told. */
export interface Serving {
  readonly origin: string;
  readonly observe: (event: ControllerEvent) => void;
  readonly hear: (entries: readonly Entry[]) => void;
  readonly line: (event: RedfishEvent) => void;
  close(): Promise<void>;
}

/** Listens on behalf of a controller that has not started yet. @throws UsageError, or the system's error */
export async function startServing(assembly: Assembly, options: ServingOptions, failed: (error: unknown) => void) {
  const listen = readListenAddress(options.listen);
  if (!listen) throw new UsageError(`--listen ${options.listen}: say HOST:PORT, such as 127.0.0.1:8080`);
  const tokens = await tokensOf(options.apiTokens);
  const { agenda, world, runner, journal } = assembly;
  const now = () => systemClock.now();
  const history = createHistory();
  for await (const entry of journal.since(0)) history.note([entry]);
  history.pushed(await assembly.publishedThrough());
  const instruments = createInstruments();
  installGauges(instruments, {
    ...{ version: VERSION, now, agenda, unpushed: history.unpushed },
    machines: () => world.machines.size,
    workers: () => (world.settings ?? DEFAULT_SETTINGS).WorkerPoolSize,
    running: () => runner.running,
    problems: () => world.problems,
  });
  const counters = installCounters(instruments, { now, agenda });
  const routes = healthRoutes({
    ...{ instruments, reconciled: () => world.commit !== null },
    recordable: () => recordable(assembly),
  });
  const { answered } = counters;
  const listening = await open({ listen, routes, tokens, failed, answered }, options.elsewhere ?? false);
  return {
    origin: listening.origin,
    observe(event: ControllerEvent) {
      counters.observe(event);
      if (event.event === 'published' && event.outcome === 'Pushed') history.pushed(event.seq);
    },
    hear: history.note,
    line: counters.line,
    async close() {
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

async function recordable({ journal, stateDir }: Assembly): Promise<boolean> {
  try {
    await access(join(stateDir, 'journal'), constants.W_OK);
    return await journal.hasRoom(1);
  } catch {
    return false;
  }
}
