import { Argument, type Command } from 'commander';
import { SCHEMA_KINDS } from '../../definitions/schemas/index.ts';
import { systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import { VERSION } from '../version.ts';
import { ending, fleetAndNames, folderOf, streams, wholeNumber } from './arguments.ts';
import { createLiveReader } from './fleet/live-reader.ts';
import { init } from './init.ts';
import { PLAN_FORMATS, plan } from './plan.ts';
import { schema } from './schema.ts';
import { status } from './status.ts';
import { trigger } from './trigger.ts';

/** Makes a command about a fleet. */
type Make = (name: string, description: string, formats?: string[]) => Command;

/** Adds the commands of those who edit a fleet: plan, status, trigger, init, schema. */
export function addPullCommands(program: Command, command: Make): void {
  addPlan(command);
  addStatus(command);
  addTrigger(command);
  addInit(command);
  program
    .command('schema')
    .description('prints the JSON Schema of a kind of file, for editors and scripts')
    .addArgument(new Argument('<kind>').choices(SCHEMA_KINDS))
    .addHelpText('after', '\nExample: bmcron schema job > schemas/job.schema.json')
    .action(ending((kind) => schema({ kind, ...streams() })));
}

function addPlan(command: Make): void {
  command('plan', 'what merging would change: jobs and their next runs, machines, settings, collisions', [
    ...PLAN_FORMATS,
  ])
    .argument('[fleet]', 'the folder of the fleet, as it is on disk', '.')
    .option(
      '--base <ref>',
      "compare with this commit or branch (default: what the service follows: origin's own branch, origin/main, main)",
    )
    .option('--head <ref>', 'look at this commit instead of the files on disk')
    .option('--count <n>', 'next runs of each job', wholeNumber, 3)
    .option('--live', 'also ask the BMCs what they hold now', false)
    .option('--credentials-dir <dir>', 'a folder for each CredentialsRef, for --live')
    .addHelpText(
      'after',
      `
Exit code 1: something is refused; what is told is the plan of the rest.
Example: bmcron plan --base origin/main --format markdown fleet/`,
    )
    .action(
      ending((fleet: string, { path, live, credentialsDir, ...rest }) => {
        const credentials = createCredentials({ dir: credentialsDir, env: process.env });
        const reader = live ? { live: createLiveReader({ credentials, clock: systemClock }) } : {};
        return plan({
          ...rest,
          ...reader,
          folder: folderOf(fleet, path).folder,
          environment: process.env,
          ...streams(),
        });
      }),
    );
}

function addStatus(command: Make): void {
  command('status', 'the fleet as its status files tell it')
    .argument('[words...]', 'IDs of jobs, then the folder of the fleet (default: the current one, all jobs)')
    .option('--watch', 'tell again whenever it changes, until Ctrl-C', false)
    .option('--fetch', 'ask the remote first, and with --watch again and again', false)
    .option('--branch <name>', 'where the service writes status (default: the branch that is checked out)')
    .addHelpText('after', '\nExample: bmcron status --fetch --watch nightly-powersaver fleet/')
    .action(
      ending(async (words: string[], { path, ...rest }) => {
        const { fleet, names } = fleetAndNames(words);
        const stop = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
        const place = { folder: folderOf(fleet, path).folder, jobs: names, environment: process.env };
        return status({ ...rest, ...place, clock: systemClock, signal: stop.signal, ...streams() });
      }),
    );
}

function addTrigger(command: Make): void {
  command('trigger', 'runs a job at once: a new Trigger token in its manifest, committed and pushed')
    .argument('<job>', 'its ID')
    .argument('[fleet]', 'the folder of the fleet, in a work tree', '.')
    .option('--no-push', 'commit on the branch that is checked out, and push nothing')
    .addHelpText('after', '\nExample: bmcron trigger nightly-powersaver fleet/')
    .action(
      ending((job: string, fleet: string, { path, ...rest }) => {
        return trigger({ ...rest, job, folder: folderOf(fleet, path).folder, environment: process.env, ...streams() });
      }),
    );
}

function addInit(command: Make): void {
  command('init', 'a fleet repository to begin with: examples, editor schemas, CI that validates and plans')
    .argument('[fleet]', 'the folder of the repository; what is there already stays as it is', '.')
    .addHelpText('after', '\nExample: bmcron init fleet/')
    .action(
      ending((fleet: string, { path, format }) => {
        return init({ root: fleet, prefix: folderOf('', path).prefix, format, version: VERSION, ...streams() });
      }),
    );
}
