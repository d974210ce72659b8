import { Argument, Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import { VERSION } from '../version.ts';
import {
  fleetAndNames,
  fleetCommand,
  folderOf,
  milliseconds,
  streams,
  untilSignal,
  watchOutput,
  wholeNumber,
  withExitCode,
} from './arguments.ts';
import { listCommands } from './command-list.ts';
import { completion, SHELLS } from './completion.ts';
import { exitCodeOf } from './exit-code.ts';
import { programSource } from './init/program-source.ts';
import { init } from './init.ts';
import { errorOutput } from './json-errors.ts';
import { askOnTerminal, checkPinning } from './probe/pins.ts';
import { probe } from './probe.ts';
import { addReadCommands } from './read-commands.ts';
import { revert } from './revert.ts';
import { checkCredentialsDir, checkTokenFile } from './run-checks.ts';
import { addRun } from './run-command.ts';
import { refuseSecrets } from './secret-arguments.ts';
import { trigger } from './trigger.ts';
import { addWorker } from './worker-command.ts';
import { addWorkers } from './workers.ts';

/** Carries out what the command line asks for, and sets the exit code of the process. */
export async function runProgram(): Promise<void> {
  watchOutput();
  const program = createProgram();
  try {
    refuseSecrets(process.argv.slice(2));
    for (const each of program.commands) each.exitOverride();
    await program.exitOverride().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Presets and hosts of simulated BMCs by name, written here because loading them would make every start slower. */
const PRESET_NAMES = ['openbmc', 'idrac', 'ilo', 'xcc', 'supermicro', 'gb300', 'demo'];
const OS_KINDS = ['obeys', 'ignores-acpi', 'hangs', 'dead'];

/** The program with all its commands, in the order in which `--help` lists them. */
export function createProgram(): Command {
  const program = new Command('bmcron')
    .description('GitOps for BMCs: carries out scheduled Redfish changes from YAML manifests in a Git repository.')
    .version(VERSION)
    .configureOutput({ writeErr: (text) => void errorOutput(process.argv.slice(2), process.stderr).write(text) })
    .showHelpAfterError('(bmcron --help tells what there is)');
  addRun(program);
  addWorker(program);
  addWorkers(program);
  addReadCommands(program);
  addTrigger(program);
  addRevert(program);
  addInit(program);
  addProbe(program);
  addDemo(program);
  addSimulateBmc(program);
  addCompletion(program);
  return program;
}

/** Says on stderr why a command could not do what it was asked for. */
function report(error: unknown): number {
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')) {
    return 'exitCode' in error && error.exitCode === 0 ? 0 : 2; // commander has said it
  }
  const code = exitCodeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  errorOutput(process.argv.slice(2), process.stderr).end(`bmcron: ${text}`, code);
  return code;
}

function addTrigger(program: Command): void {
  fleetCommand(program, 'trigger', 'runs a job at once: a new Trigger token in its manifest, committed and pushed')
    .argument('<job>', 'its ID')
    .argument('[fleet]', 'the folder of the fleet, in a work tree', '.')
    .option('--no-push', 'commit on the branch that is checked out, and push nothing')
    .option('--wait', 'follow the run to its end: exit 0 when every machine is done, 1 when one is not', false)
    .addOption(
      new Option('--timeout <duration>', 'how long to wait at most').argParser(milliseconds).default(3_600_000, '1h'),
    )
    .option('--branch <name>', 'with --wait: where the service writes status (default: the branch that is checked out)')
    .addHelpText('after', '\nExample: bmcron trigger --wait nightly-powersaver fleet/')
    .action(
      withExitCode((job: string, fleet: string, { path, timeout: timeoutMs, ...options }) => {
        const { folder } = folderOf(fleet, path);
        const given = { ...options, timeoutMs, job, folder, environment: process.env, clock: systemClock };
        return trigger({ ...given, signal: untilSignal(), ...streams() });
      }),
    );
}

function addRevert(program: Command): void {
  fleetCommand(
    program,
    'revert',
    'takes a run back: a job with the old values, on a branch of its own for review; it changes no BMC by itself',
  )
    .argument('<run>', 'JOB@TIME or JOB@TOKEN, as bmcron status names it; an earlier one by the time at which it began')
    .argument('[fleet]', 'the folder of the fleet, in a repository', '.')
    .option('--machine <id>', 'of this machine alone')
    .option('--no-push', 'make the branch here, and push nothing')
    .option('--fetch', 'ask the remote for the logs first', false)
    .option('--branch <name>', 'where the service writes status (default: the branch that is checked out)')
    .addHelpText('after', '\nExample: bmcron revert nightly-powersaver@2026-03-10T22:00:00Z fleet/')
    .action(
      withExitCode((run: string, fleet: string, { path, ...options }) => {
        const { folder } = folderOf(fleet, path);
        return revert({ ...options, run, folder, environment: process.env, signal: untilSignal(), ...streams() });
      }),
    );
}

function addInit(program: Command): void {
  fleetCommand(
    program,
    'init',
    'a fleet repository to begin with: examples, editor schemas, with --ci-from also CI that validates and plans',
  )
    .argument('[fleet]', 'the folder of the repository; what is there already stays as it is', '.')
    .option('--ci-from <source>', 'CI gets bmcron here: IMAGE@sha256:DIGEST, or https://…/bmcron.tgz#sha256=DIGEST')
    .addHelpText('after', '\nExample: bmcron init fleet/')
    .action(
      withExitCode((fleet: string, { path, format, ciFrom }) => {
        const { prefix } = folderOf('', path ?? '');
        const source = ciFrom === undefined ? null : programSource(ciFrom, prefix);
        return init({ root: fleet, prefix, format, ciFrom: source, ...streams() });
      }),
    );
}

function addProbe(program: Command): void {
  fleetCommand(program, 'probe', 'asks BMCs what they have, and says which jobs fit')
    .argument('[words...]', 'IDs of machines, then the folder of the fleet (default: the current one, all machines)')
    .option('--credentials-dir <dir>', 'a folder for each CredentialsRef')
    .option('--write', 'put what was found under Managers in the inventory, comments kept', false)
    .option('--pin', 'with --write: offer the certificates that are not trusted, and write TLS.Fingerprint', false)
    .option('--yes', 'with --pin: take them without asking', false)
    .addHelpText('after', '\nExample: bmcron probe --credentials-dir /etc/bmcron --write machine-1 fleet/')
    .action(
      withExitCode(async (words: string[], { path, credentialsDir, ...options }) => {
        await checkCredentialsDir(credentialsDir);
        checkPinning(options);
        const { fleet, names } = fleetAndNames(words);
        const credentials = createCredentials({ dir: credentialsDir, env: process.env });
        const signal = untilSignal();
        return probe({
          ...options,
          ...streams(),
          folder: folderOf(fleet, path).folder,
          machines: names,
          credentials,
          clock: systemClock,
          signal,
          ask: askOnTerminal(signal),
        });
      }),
    );
}

function addDemo(program: Command): void {
  program
    .command('demo')
    .description('a fleet in a temporary folder, simulated BMCs on loopback, the real controller; says what to try')
    .option('--vendors', 'a mixed rack of six vendors, switched off in the evening and on in the morning')
    .option('--keep <dir>', 'the fleet is in this folder and stays; named again, it goes on')
    .option('--machines <n>', 'how many simulated BMCs', wholeNumber, 3)
    .option('--listen <host:port>', 'where the page is (default: 127.0.0.1:8080, or another free port)')
    .option('--api-tokens <file>', 'who may write by the API: a line "name sha256hex" for each token')
    .addHelpText('after', '\nExample: bmcron demo --machines 5')
    // Loaded here: certificates and simulated BMCs would make every other start slower.
    .action(
      withExitCode(async (options) => {
        await checkTokenFile(options.apiTokens);
        return (await import('./demo.ts')).demo(options);
      }),
    );
}

function durationOption(flags: string, description: string, shown: string): Option {
  return new Option(flags, description).argParser(milliseconds).default(milliseconds(shown), shown);
}

function addSimulateBmc(program: Command): void {
  program
    .command('simulate-bmc')
    .description('simulated BMCs on loopback, with an inventory and a login, until Ctrl-C')
    .addOption(new Option('--preset <name...>', 'whose BMCs, in turn').choices(PRESET_NAMES).default(['openbmc']))
    .option('--count <n>', 'how many', wholeNumber, 1)
    .option('--keep <dir>', 'ports, login and values are in this folder and stay; named again, they go on')
    .addOption(new Option('--os <kind>', 'what their hosts do when asked').choices(OS_KINDS).default('obeys'))
    .addOption(durationOption('--boot-time <duration>', 'from power to a running system', '20s'))
    .addOption(durationOption('--shutdown-time <duration>', 'from a request to a system that is down', '5s'))
    .addOption(
      new Option('--format <format>', 'text for people, json for programs').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', '\nExample: bmcron simulate-bmc --preset ilo --count 20 --keep lab/')
    .action(withExitCode(async (options) => (await import('./simulate-bmc.ts')).simulateBmc(options)));
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('prints what makes a shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', '\nExample: source <(bmcron completion bash)')
    .action(withExitCode((shell) => completion({ shell, commands: listCommands(program), ...streams() })));
}
