import { resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import type { ControllerEvent } from '../events/event.ts';
import { createJsonLogger, createTextLogger, type LogLevel } from '../events/logger.ts';
import { createLocalExecutor } from '../executors/local.ts';
import { isRemoteURL, stateFolder } from '../git/discover.ts';
import type { Serving } from '../server/serve.ts';
import { openService, type Service } from '../service.ts';
import { serve } from '../signals.ts';
import { type Startup, startPlainly } from '../v8.ts';
import type { Exit } from './exit-code.ts';

/** What `bmcron run` takes. */
export interface RunOptions {
  readonly fleet: string;
  readonly path?: string;
  readonly remote?: string;
  readonly branch?: string;
  readonly statusBranch?: string;
  readonly verifyCommits?: string;
  readonly skipCi?: boolean;
  readonly push: boolean;
  readonly stateDir?: string;
  readonly pullIntervalMs: number;
  readonly credentialsDir?: string;
  readonly logLevel: LogLevel;
  readonly format: 'text' | 'json';
  readonly once: boolean;
  readonly listen?: string;
  readonly apiTokens?: string;
  readonly hookSecret?: string;
}

/** Runs the controller until a signal ends it, or with `once` until what is due now is done and written back. */
export async function run(options: RunOptions): Promise<Exit> {
  const startup = startPlainly(systemClock);
  return carryOut(options, startup).finally(startup.ended);
}

async function carryOut(options: RunOptions, startup: Startup): Promise<Exit> {
  const tally = { failed: 0, problems: 0 };
  const log =
    options.format === 'json'
      ? createJsonLogger(options.logLevel)
      : createTextLogger(options.logLevel, systemClock, (line) => process.stdout.write(line));
  const observe = (event: ControllerEvent) => {
    if (event.event === 'ready') startup.ready();
    if (event.event === 'finished' && event.failed > 0) tally.failed += 1;
    if (event.event === 'problem' && event.problem.severity === 'error') tally.problems += 1;
    log(event);
    serving?.observe(event);
  };
  const told: Told = { observe, hear: (entries) => serving?.hear(entries), line: (event) => serving?.line(event) };
  let serving: Serving | null = null;
  const service = await build(options, told);
  try {
    const failed = (error: unknown) => observe({ event: 'serveFailed', error });
    if (options.listen !== undefined) {
      const { startServing } = await import('../server/serve.ts'); // who serves nothing need not load what serves
      serving = await startServing(service, { ...options, listen: options.listen }, failed);
      observe({ event: 'serving', origin: serving.origin });
    }
    if (!options.once) {
      await serve(service, () => service.controller.start());
      return 0;
    }
    await service.controller.start();
    const published = await service.controller.once();
    if ('retryAt' in published) return 3;
    return tally.failed + tally.problems > 0 ? 1 : 0;
  } finally {
    await serving?.close();
    await service.close();
  }
}

type Told = Pick<Serving, 'observe' | 'hear' | 'line'>;

async function build(options: RunOptions, { observe, hear, line }: Told): Promise<Service> {
  const { credentialsDir, stateDir, fleet, path, remote, branch, statusBranch, verifyCommits } = options;
  const environment = process.env;
  const credentials = createCredentials({ ...(credentialsDir && { dir: credentialsDir }), env: environment });
  return openService({
    location: {
      fleet: isRemoteURL(fleet) ? fleet : resolve(fleet),
      path,
      remote,
      branch,
      statusBranch,
      verifyCommits,
    },
    push: options.push,
    skipCI: options.skipCi ?? false,
    pullIntervalMs: options.pullIntervalMs,
    clock: systemClock,
    random: Math.random,
    environment,
    stateDir: stateDir ? resolve(stateDir) : await stateFolder(fleet, environment),
    executor: createLocalExecutor({ credentials, clock: systemClock, observe: line }),
    observe,
    hear,
  });
}
