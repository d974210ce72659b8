import { Argument, type Command, Option } from 'commander';
import { SCHEMA_KINDS } from '../../definitions/schemas/index.ts';
import { systemClock } from '../clock.ts';
import { createCredentials, createSecretFields } from '../credentials.ts';
import {
  fleetAndNames,
  fleetAndSelector,
  fleetCommand,
  folderOf,
  streams,
  untilSignal,
  wholeNumber,
  withExitCode,
} from './arguments.ts';
import { describe } from './describe.ts';
import { doctor } from './doctor.ts';
import { UsageError } from './exit-code.ts';
import { explain } from './explain.ts';
import { createLiveReader } from './fleet/live-reader.ts';
import { logs } from './logs.ts';
import { machines } from './machines.ts';
import { next } from './next.ts';
import { PLAN_FORMATS, plan } from './plan.ts';
import { checkCredentialsDir } from './run-checks.ts';
import { schema } from './schema.ts';
import { status } from './status.ts';
import { VALIDATE_FORMATS, validate } from './validate.ts';

const STATUS_BRANCH = 'where the service writes status (default: the branch that is checked out)';

/** Adds the commands that only read: what a fleet says, what it would do, what became of it. */
export function addReadCommands(program: Command): void {
  addValidate(program);
  addNext(program);
  addPlan(program);
  addStatus(program);
  addMachines(program);
  addDescribe(program);
  addLogs(program);
  addExplain(program);
  addSchema(program);
  addDoctor(program);
}

function addValidate(program: Command): void {
  fleetCommand(program, 'validate', 'judges every manifest; contacts nothing, writes nothing', VALIDATE_FORMATS)
    .argument('[fleet]', 'the folder of the fleet, as it is, or one inside it', '.')
    .option('--min-jobs <n>', 'with fewer valid jobs the answer is "no"', wholeNumber)
    .option('--explain-guards', 'print the guards and the breaker that hold, in full, and judge nothing')
    .addHelpText('after', '\nExample: bmcron validate --format github fleet/')
    .action(
      withExitCode((fleet: string, { path, ...options }) =>
        validate({ ...folderOf(fleet, path), ...options, ...streams() }),
      ),
    );
}

function addNext(program: Command): void {
  fleetCommand(program, 'next', 'the coming runs, oldest first')
    .argument('[words...]', 'IDs of jobs, then the folder of the fleet (default: the current one, all jobs)')
    .option('--from <time>', 'after this time, ISO 8601 (default: now)')
    .option('--until <time>', 'up to this time')
    .option('--count <n>', 'so many of each job', wholeNumber)
    .addHelpText('after', '\nExample: bmcron next --count 3 nightly fleet/')
    .action(
      withExitCode((words: string[], { path, ...options }) => {
        const { fleet, names } = fleetAndNames(words);
        return next({ ...options, folder: folderOf(fleet, path).folder, jobs: names, ...streams() });
      }),
    );
}

function addPlan(program: Command): void {
  const description = 'what merging would change: jobs and their next runs, machines, settings, collisions';
  fleetCommand(program, 'plan', description, PLAN_FORMATS)
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
Exit code 1: something is refused that the base does not refuse; what is told is the plan of the rest.
Example: bmcron plan --base origin/main --format markdown fleet/`,
    )
    .action(
      withExitCode(async (fleet: string, { path, live, credentialsDir, ...options }) => {
        await checkCredentialsDir(credentialsDir);
        const credentials = createCredentials({ dir: credentialsDir, env: process.env });
        const signal = live ? untilSignal() : new AbortController().signal; // alone, it ends at once
        const reader = live ? { live: createLiveReader({ credentials, clock: systemClock, signal }) } : {};
        const { folder } = folderOf(fleet, path);
        return plan({ ...options, ...reader, folder, environment: process.env, signal, ...streams() });
      }),
    );
}

function addStatus(program: Command): void {
  fleetCommand(program, 'status', 'the fleet as its status files tell it')
    .argument('[words...]', 'IDs of jobs, then the folder of the fleet (default: the current one, all jobs)')
    .option('--failed', 'only what is in trouble, with every error whole', false)
    .option('--exit-code', 'exit 1 when something is in trouble', false)
    .option('--watch', 'tell again whenever it changes, until Ctrl-C', false)
    .option('--fetch', 'ask the remote first, and with --watch again and again', false)
    .option('--branch <name>', STATUS_BRANCH)
    .addHelpText('after', '\nExample: bmcron status --fetch --watch nightly-powersaver fleet/')
    .action(
      withExitCode(async (words: string[], { path, ...options }) => {
        const { fleet, names } = fleetAndNames(words);
        return status({
          ...options,
          folder: folderOf(fleet, path).folder,
          jobs: names,
          environment: process.env,
          clock: systemClock,
          signal: untilSignal(),
          ...streams(),
        });
      }),
    );
}

function addMachines(program: Command): void {
  fleetCommand(program, 'machines', 'the inventory: labels, the jobs that reach each machine, what became of it last')
    .argument(
      '[words...]',
      'a selector as kubectl has it (rack=r7,role!=storage,role in (a,b),rack,!rack), then the folder of the fleet',
    )
    .option('--fetch', 'ask the remote for the status files first', false)
    .option('--branch <name>', STATUS_BRANCH)
    .addHelpText('after', "\nExample: bmcron machines 'rack=r7,role!=storage' fleet/")
    .action(
      withExitCode((words: string[], { path, ...options }) => {
        const { fleet, selector } = fleetAndSelector(words);
        const { folder } = folderOf(fleet, path);
        return machines({ ...options, folder, selector, environment: process.env, ...streams() });
      }),
    );
}

function addDescribe(program: Command): void {
  fleetCommand(
    program,
    'describe',
    'everything about a job or a machine: problems, coming runs, what was done and why it failed',
  )
    .argument('<name>', 'the ID of a job or of a machine')
    .argument('[fleet]', 'the folder of the fleet, in a repository', '.')
    .option('--fetch', 'ask the remote first', false)
    .option('--branch <name>', STATUS_BRANCH)
    .addHelpText('after', '\nExample: bmcron describe --fetch machine-1 fleet/')
    .action(
      withExitCode((name: string, fleet: string, { path, ...options }) => {
        const { folder } = folderOf(fleet, path);
        return describe({ ...options, folder, name, environment: process.env, ...streams() });
      }),
    );
}

function addLogs(program: Command): void {
  fleetCommand(program, 'logs', 'what became of each machine of the last runs: old and new values, errors')
    .argument('[words...]', 'the ID of a job, then the folder of the fleet (default: the current one, all jobs)')
    .option('--machine <id>', 'of this machine alone')
    .option('--failed', 'only what failed', false)
    .option('--since <duration>', 'no older than that', '30d')
    .option('--count <n>', 'the last so many', wholeNumber, 50)
    .option('--follow', 'go on with what comes, until Ctrl-C', false)
    .option('--fetch', 'ask the remote first, and with --follow again and again', false)
    .option('--branch <name>', STATUS_BRANCH)
    .addHelpText('after', '\nExample: bmcron logs --failed --follow nightly-powersaver fleet/')
    .action(
      withExitCode((words: string[], { path, ...options }) => {
        const { fleet, names } = fleetAndNames(words);
        const [job, ...more] = names;
        if (more.length > 0) throw new UsageError('name one job, or none for all of them');
        const { folder } = folderOf(fleet, path);
        const of = job === undefined ? {} : { job };
        return logs({
          ...options,
          ...of,
          folder,
          environment: process.env,
          clock: systemClock,
          signal: untilSignal(),
          ...streams(),
        });
      }),
    );
}

function addExplain(program: Command): void {
  program
    .command('explain')
    .description('what a field of a file, or a numbered rule, means')
    .argument('<word>', 'R22, Schedule.Time, machine.TLS or PatchFanZone, for example')
    .addOption(
      new Option('--format <format>', 'text for people, json for programs').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', '\nExample: bmcron explain Schedule.Period')
    .action(withExitCode((word, options) => explain({ word, ...options, ...streams() })));
}

function addSchema(program: Command): void {
  program
    .command('schema')
    .description('prints the JSON Schema of a kind of file, for editors and scripts')
    .addArgument(new Argument('<kind>').choices(SCHEMA_KINDS))
    .addHelpText('after', '\nExample: bmcron schema job > schemas/job.schema.json')
    .action(withExitCode((kind) => schema({ kind, ...streams() })));
}

function addDoctor(program: Command): void {
  fleetCommand(
    program,
    'doctor',
    'looks at what a run needs: git and the right to push, secrets, BMCs, clocks, versions',
  )
    .argument('[fleet]', 'the folder of the fleet', '.')
    .option('--remote <name>', 'the remote of the service (default: the one that the branch tracks)')
    .option('--branch <name>', 'the branch that the service follows (default: the one that is checked out)')
    .option('--remote-credentials <file>', 'the login for a remote over HTTPS, as run takes it')
    .option('--state-dir <dir>', 'the state folder of the service')
    .option('--credentials-dir <dir>', 'a folder for each CredentialsRef')
    .option('--no-machines', 'do not talk to the BMCs')
    .addHelpText('after', '\nExample: bmcron doctor --remote origin --credentials-dir /etc/bmcron fleet/')
    .action(
      withExitCode((fleet: string, { path, credentialsDir, ...options }) => {
        const credentials = createCredentials({ dir: credentialsDir, env: process.env });
        return doctor({
          ...options,
          ...streams(),
          folder: folderOf(fleet, path).folder,
          credentials,
          secrets: createSecretFields({ dir: credentialsDir, env: process.env }),
          environment: process.env,
          clock: systemClock,
          signal: untilSignal(),
          random: Math.random,
        });
      }),
    );
}
