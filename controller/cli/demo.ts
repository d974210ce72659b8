import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import { createDemoFleet, type DemoFleet } from '../demo/fleet.ts';
import type { ControllerEvent } from '../events/event.ts';
import { createTextLogger } from '../events/logger.ts';
import { createLocalExecutor } from '../executors/local.ts';
import { isLoopback, readListenAddress } from '../server/listen-address.ts';
import { type Serving, type ServingOptions, startServing } from '../server/serve.ts';
import { openService } from '../service.ts';
import { serve } from '../signals.ts';
import type { Exit } from './exit-code.ts';

/** What `bmcron demo` takes. */
export interface DemoOptions {
  readonly machines: number;
  readonly listen?: string;
  readonly apiTokens?: string;
}

const FIRST_RUN_AFTER_MS = 4_000;
const FIRST_JOB = 'first-run';
const PAGE = '127.0.0.1:8080';

/** A fleet in a temporary folder, simulated BMCs on loopback, the real controller; until Ctrl-C. */
export async function demo(options: DemoOptions): Promise<Exit> {
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-demo-'));
  const giveUp = () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  process.on('SIGINT', giveUp).on('SIGTERM', giveUp); // until the controller takes the signals over
  const fleet = await createDemoFleet({ ...options, folder });
  try {
    say(introduction(fleet));
    const credentials = createCredentials({ dir: fleet.credentialsDir, env: {} });
    let serving: Serving | null = null;
    const narrate = narrator(fleet);
    const service = await openService({
      location: { fleet: fleet.repository.clone, remote: 'origin' },
      clock: systemClock,
      random: Math.random,
      push: true,
      skipCI: false,
      stateDir: join(fleet.folder, 'state'),
      pullIntervalMs: 30_000,
      environment: process.env,
      executor: createLocalExecutor({ credentials, clock: systemClock, observe: (event) => serving?.line(event) }),
      observe(event) {
        narrate(event);
        serving?.observe(event);
      },
      hear: (entries) => serving?.hear(entries),
    });
    try {
      serving = await startServing(service, await where(options, folder), (error) =>
        narrate({ event: 'serveFailed', error }),
      );
      say(addresses(serving.origin));
      process.off('SIGINT', giveUp).off('SIGTERM', giveUp);
      await serve(service, async () => {
        await service.controller.start();
        for (const job of service.agenda.jobs.values()) {
          say(`  ${(service.agenda.status(job.id)?.NextRunTime ?? '-').padEnd(22)}${job.id}\n`);
        }
        const time = after(systemClock, FIRST_RUN_AFTER_MS).toISOString().slice(11, 19);
        say(`Pushing a job more, "First run", due at ${time} UTC:\n`);
        await fleet.pushFirstRun(time);
      });
    } finally {
      await serving?.close();
      await service.close();
    }
  } finally {
    await fleet.remove();
    say(`Stopped; ${fleet.folder} and everything in it is gone.\n`);
  }
  return 0;
}

/** Where the page is and who may write: on loopback whoever says `demo`, elsewhere nobody without a token file. */
async function where({ listen, apiTokens }: DemoOptions, folder: string): Promise<ServingOptions> {
  const place = { listen: listen ?? PAGE, elsewhere: listen === undefined };
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

function say(text: string): void {
  process.stdout.write(text);
}

/** Tells each event, and when the first run is public: its log file, its commit, and what to try next. */
function narrator(fleet: DemoFleet): (event: ControllerEvent) => void {
  const log = createTextLogger('info', systemClock, say);
  let path: string | null = null;
  let ended = false;
  return (event) => {
    log(event);
    if (event.event === 'machine' && event.job === FIRST_JOB) path = event.path;
    if (event.event === 'finished' && event.job === FIRST_JOB) ended = true;
    if (event.event !== 'published' || event.outcome !== 'Pushed' || !ended || path === null) return;
    ended = false;
    showcase(fleet, event.commit, path).then(say, (error: unknown) => say(`${String(error)}\n`));
  };
}

function introduction({ folder, repository, bmcs }: DemoFleet): string {
  return `bmcron demo: ${bmcs.length} simulated BMCs (${bmcs[0]?.endpoint} …) and a fleet repository in ${folder}
  remote      ${repository.remote}
  your clone  ${repository.clone}
Its jobs, and when they run next:
`;
}

async function showcase({ repository }: DemoFleet, commit: string, path: string): Promise<string> {
  const log = await repository.ask('show', `main:${path}`);
  const commits = await repository.ask('show', '--stat=100', '--format=%h %an: %s', commit);
  return `
The log file that it wrote, ${path}:
${log}
The commit that it made:
${commits}
Now change the schedule. In another terminal:
  cd ${repository.clone} && git pull
  edit jobs/first-run.yaml: another Profile, and a Time that is a minute away (UTC)
  git commit -am 'Another profile' && git push
What you push takes effect within a second. Ctrl-C ends the demonstration and removes everything.
`;
}
