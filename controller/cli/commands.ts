import { Argument, Command, Option } from 'commander';
import { SCHEMA_KINDS } from '../../definitions/schemas/index.ts';
import { systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import { VERSION } from '../version.ts';
import { fleetAndNames, fleetCommand, folderOf, streams, wholeNumber, withExitCode } from './arguments.ts';
import { exitCodeOf } from './exit-code.ts';
import { explain } from './explain.ts';
import { createLiveReader } from './fleet/live-reader.ts';
import { init } from './init.ts';
import { next } from './next.ts';
import { PLAN_FORMATS, plan } from './plan.ts';
import { probe } from './probe.ts';
import { addRun } from './run-command.ts';
import { schema } from './schema.ts';
import { status } from './status.ts';
import { trigger } from './trigger.ts';
import { VALIDATE_FORMATS, validate } from './validate.ts';

/** Carries out what the command line asks for, and sets the exit code of the process. */
export async function runProgram(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0); // the reader has seen enough: `bmcron next | head`
  });
  const program = createProgram();
  try {
    for (const each of program.commands) each.exitOverride();
    await program.exitOverride().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** The program with all its commands, in the order in which `--help` lists them. */
function createProgram(): Command {
  const program = new Command('bmcron')
    .description('GitOps for BMCs: carries out scheduled Redfish changes from YAML manifests in a Git repository.')
    .version(VERSION)
    .showHelpAfterError('(bmcron --help tells what there is)');
  addRun(program);
  addValidate(program);
  addNext(program);
  addPlan(program);
  addStatus(program);
  addTrigger(program);
  addInit(program);
  addSchema(program);
  addExplain(program);
  addProbe(program);
  addDemo(program);
  return program;
}

/** Says on stderr why a command could not do what it was asked for. */
function report(error: unknown): number {
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')) {
    return 'exitCode' in error && error.exitCode === 0 ? 0 : 2; // commander has said it
  }
  process.stderr.write(`bmcron: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodeOf(error);
}

function addValidate(program: Command): void {
  fleetCommand(program, 'validate', 'judges every manifest; contacts nothing, writes nothing', VALIDATE_FORMATS)
    .argument('[fleet]', 'the folder of the fleet, as it is, or one inside it', '.')
    .option('--min-jobs <n>', 'with fewer valid jobs the answer is "no"', wholeNumber)
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
      withExitCode((fleet: string, { path, live, credentialsDir, ...options }) => {
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
    .option('--watch', 'tell again whenever it changes, until Ctrl-C', false)
    .option('--fetch', 'ask the remote first, and with --watch again and again', false)
    .option('--branch <name>', 'where the service writes status (default: the branch that is checked out)')
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

function addTrigger(program: Command): void {
  fleetCommand(program, 'trigger', 'runs a job at once: a new Trigger token in its manifest, committed and pushed')
    .argument('<job>', 'its ID')
    .argument('[fleet]', 'the folder of the fleet, in a work tree', '.')
    .option('--no-push', 'commit on the branch that is checked out, and push nothing')
    .addHelpText('after', '\nExample: bmcron trigger nightly-powersaver fleet/')
    .action(
      withExitCode((job: string, fleet: string, { path, ...options }) => {
        const { folder } = folderOf(fleet, path);
        return trigger({ ...options, job, folder, environment: process.env, ...streams() });
      }),
    );
}

function addInit(program: Command): void {
  fleetCommand(
    program,
    'init',
    'a fleet repository to begin with: examples, editor schemas, CI that validates and plans',
  )
    .argument('[fleet]', 'the folder of the repository; what is there already stays as it is', '.')
    .addHelpText('after', '\nExample: bmcron init fleet/')
    .action(
      withExitCode((fleet: string, { path, format }) => {
        return init({ root: fleet, prefix: folderOf('', path ?? '').prefix, format, version: VERSION, ...streams() });
      }),
    );
}

function addSchema(program: Command): void {
  program
    .command('schema')
    .description('prints the JSON Schema of a kind of file, for editors and scripts')
    .addArgument(new Argument('<kind>').choices(SCHEMA_KINDS))
    .addHelpText('after', '\nExample: bmcron schema job > schemas/job.schema.json')
    .action(withExitCode((kind) => schema({ kind, ...streams() })));
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

function addProbe(program: Command): void {
  fleetCommand(program, 'probe', 'asks BMCs what they have, and says which jobs fit')
    .argument('[words...]', 'IDs of machines, then the folder of the fleet (default: the current one, all machines)')
    .option('--credentials-dir <dir>', 'a folder for each CredentialsRef')
    .option('--write', 'put what was found under Managers in the inventory, comments kept', false)
    .addHelpText('after', '\nExample: bmcron probe --credentials-dir /etc/bmcron --write machine-1 fleet/')
    .action(
      withExitCode((words: string[], { path, credentialsDir, ...options }) => {
        const { fleet, names } = fleetAndNames(words);
        const credentials = createCredentials({ dir: credentialsDir, env: process.env });
        return probe({
          ...options,
          ...streams(),
          folder: folderOf(fleet, path).folder,
          machines: names,
          credentials,
          clock: systemClock,
          signal: untilSignal(),
        });
      }),
    );
}

/** Aborted by the first signal that asks for an end: who talks to BMCs logs out first. The second ends it at once. */
function untilSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

function addDemo(program: Command): void {
  program
    .command('demo')
    .description('a fleet in a temporary folder, simulated BMCs on loopback, the real controller; says what to try')
    .option('--machines <n>', 'how many simulated BMCs', wholeNumber, 3)
    .option('--listen <host:port>', 'where the page is (default: 127.0.0.1:8080, or another free port)')
    .option('--api-tokens <file>', 'who may write by the API: a line "name sha256hex" for each token')
    .addHelpText('after', '\nExample: bmcron demo --machines 5')
    // Loaded here: certificates and simulated BMCs would make every other start slower.
    .action(withExitCode(async (options) => (await import('./demo.ts')).demo(options)));
}
