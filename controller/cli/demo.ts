import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Timestamp } from '../../definitions/values/time.ts';
import { after, systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import { createDemoFleet, type DemoFleet } from '../demo/fleet.ts';
import type { ControllerEvent } from '../events/event.ts';
import { createTextLogger } from '../events/logger.ts';
import { createLocalExecutor } from '../executors/local.ts';
import { isLoopback, readListenAddress } from '../server/listen-address.ts';
import { type Serving, type ServingOptions, startServing } from '../server/serve.ts';
import { openService, type Service } from '../service.ts';
import { runUntilSignal } from '../signals.ts';
import type { ExitCode } from './exit-code.ts';

export interface DemoOptions {
  /** How many simulated BMCs. */
  readonly machines: number;
  /** `HOST:PORT`; absent: 8080 on loopback, or another free port. */
  readonly listen?: string;
  /** A file of `name sha256hex` lines: who may write by the API. */
  readonly apiTokens?: string;
  /** A folder that stays, to be taken up by the next demonstration that names it; absent: a temporary one. */
  readonly keep?: string;
  /** A rack of six vendors, switched off and on, in place of fans. */
  readonly vendors?: boolean;
}

const FIRST_RUN_AFTER_MS = 4_000;
const FIRST_JOB = 'first-run';
const PAGE = '127.0.0.1:8080';

/** A fleet in a folder, simulated BMCs on loopback, the real controller; until Ctrl-C. */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  const keep = options.keep !== undefined;
  const folder = options.keep === undefined ? mkdtempSync(join(tmpdir(), 'bmcron-demo-')) : resolve(options.keep);
  const giveUp = () => {
    if (!keep) rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  process.on('SIGINT', giveUp).on('SIGTERM', giveUp); // until the controller listens to the signals
  const fleet = await createDemoFleet({
    machines: options.machines,
    folder,
    keep,
    vendors: options.vendors === true,
  });
  try {
    print(introduction(fleet));
    const observeFleet = fleetObserver(fleet);
    let serving: Serving | null = null;
    const service = await openDemoService(fleet, observeFleet, () => serving);
    try {
      const servingOptions = await servingOptionsOf(options, folder);
      serving = await startServing(service, servingOptions, { clock: systemClock, observe: observeFleet });
      print(addresses(serving.origin));
      process.off('SIGINT', giveUp).off('SIGTERM', giveUp);
      await runUntilSignal(service, () => begin(service, fleet));
    } finally {
      await serving?.close();
      await service.close();
    }
  } finally {
    await fleet.remove();
    print(
      keep
        ? `Stopped; bmcron demo --keep ${folder} goes on with it.\n`
        : `Stopped; ${folder} and everything in it is gone.\n`,
    );
  }
  return 0;
}

/** Opens the service of the fleet; what happens is passed on to the server as soon as there is one. */
function openDemoService(
  { folder, repository, credentialsDir }: DemoFleet,
  observe: (event: ControllerEvent) => void,
  serving: () => Serving | null,
): Promise<Service> {
  const credentials = createCredentials({ dir: credentialsDir, env: {} });
  return openService({
    location: { fleet: repository.clone, remote: 'origin' },
    push: true,
    skipCI: false,
    random: Math.random,
    stateDir: join(folder, 'state'),
    environment: process.env,
    clock: systemClock,
    pullIntervalMs: 30_000,
    executor: createLocalExecutor({
      random: Math.random,
      credentials,
      clock: systemClock,
      observe: (event) => serving()?.observeRedfish(event),
    }),
    observe(event) {
      observe(event);
      serving()?.observe(event);
    },
    onAppend: (entries) => serving()?.appended(entries),
  });
}

/** Makes the first pass, lists the jobs, and pushes one that is due soon. */
async function begin({ controller, agenda }: Service, fleet: DemoFleet): Promise<void> {
  await controller.start();
  const coming = [...agenda.jobs.keys()].map((id) => ({ id, next: agenda.status(id)?.NextRunTime ?? null }));
  for (const { id, next } of coming.sort(byNextRun)) print(`  ${(next ?? '-').padEnd(22)}${id}\n`);
  const time = after(systemClock, FIRST_RUN_AFTER_MS).toISOString().slice(11, 19);
  print(`Pushing a job more, "First run", due at ${time} UTC:\n`);
  await fleet.pushFirstRun(time);
}

/** A job, and when it runs next. */
interface Coming {
  readonly id: string;
  readonly next: Timestamp | null;
}

/** The next one first; those without a further run last. */
function byNextRun(a: Coming, b: Coming): number {
  if (a.next === b.next) return a.id < b.id ? -1 : 1;
  if (a.next === null || b.next === null) return a.next === null ? 1 : -1;
  return a.next < b.next ? -1 : 1;
}

/** Where the page is and who may write: on loopback whoever says `demo`, elsewhere nobody without a token file. */
async function servingOptionsOf({ listen, apiTokens }: DemoOptions, folder: string): Promise<ServingOptions> {
  const place = { listen: listen ?? PAGE, anyFreePort: listen === undefined, push: true };
  if (apiTokens !== undefined) return { ...place, apiTokens };
  if (!isLoopback(readListenAddress(place.listen)?.host ?? '')) return place;
  const path = join(folder, 'api-tokens');
  await writeFile(path, `demo ${createHash('sha256').update('demo').digest('hex')}\n`, { mode: 0o600 });
  return { ...place, apiTokens: path };
}

function addresses(origin: string): string {
  return `The page is at ${origin}/, the JobService at ${origin}/MultiFish/v1/JobService; for instance
  curl -X POST -H 'Authorization: Bearer demo' ${origin}/MultiFish/v1/JobService/Jobs/first-run/Actions/Trigger
`;
}

function print(text: string): void {
  process.stdout.write(text);
}

/** Logs each event; when the first run is public, also prints its log file, its commit, and what to try next. */
function fleetObserver(fleet: DemoFleet): (event: ControllerEvent) => void {
  const log = createTextLogger('info', systemClock, print);
  const firstRun: { path: string | null; isUnpublished: boolean } = { path: null, isUnpublished: false };
  return (event) => {
    log(event);
    if (event.event === 'machine' && event.job === FIRST_JOB) firstRun.path = event.path;
    if (event.event === 'finished' && event.job === FIRST_JOB) firstRun.isUnpublished = true;
    if (event.event !== 'published' || event.outcome !== 'Pushed') return;
    if (!firstRun.isUnpublished || firstRun.path === null) return;
    firstRun.isUnpublished = false;
    whatToTry(fleet, event.commit, firstRun.path).then(print, (error: unknown) => print(`${String(error)}\n`));
  };
}

function introduction({ folder, repository, bmcs }: DemoFleet): string {
  return `bmcron demo: ${bmcs.length} simulated BMCs (${bmcs[0]?.endpoint} …) and a fleet repository in ${folder}
  remote      ${repository.remote}
  your clone  ${repository.clone}
Its jobs, and when they run next:
`;
}

async function whatToTry({ repository }: DemoFleet, commit: string, path: string): Promise<string> {
  const log = await repository.ask('show', `main:${path}`);
  const commits = await repository.ask('show', '--stat=100', '--format=%h %s', commit);
  return `
The log file that it wrote, ${path}:
${log}
The commit that it made:
${commits}
Now change the schedule. In another terminal:
  cd ${repository.clone} && git pull
  edit jobs/first-run.yaml: another value, and a Time that is a minute away (UTC)
  git commit -am 'Another value' && git push
What you push takes effect within a second. Ctrl-C ends the demonstration.
`;
}
