#!/usr/bin/env node
import { Command, Option } from 'commander';
import { ending, fleetAndNames, folderOf, milliseconds, streams, wholeNumber } from './cli/arguments.ts';
import { addPullCommands } from './cli/commands.ts';
import { UsageError } from './cli/exit-code.ts';
import { next } from './cli/next.ts';
import { probe } from './cli/probe.ts';
import { run } from './cli/run.ts';
import { VALIDATE_FORMATS, validate } from './cli/validate.ts';
import { systemClock } from './clock.ts';
import { createCredentials } from './credentials.ts';
import { LOG_LEVELS } from './events/logger.ts';
import { VERSION } from './version.ts';

const program = new Command('bmcron')
  .description('GitOps for BMCs: carries out scheduled Redfish changes from YAML manifests in a Git repository.')
  .version(VERSION)
  .showHelpAfterError('(bmcron --help tells what there is)');

/** What every command about a fleet takes. */
function command(name: string, description: string, formats = ['text', 'json']): Command {
  return program
    .command(name)
    .description(description)
    .option('--path <subdir>', 'the fleet is this folder inside the repository')
    .addOption(
      new Option('--format <format>', 'text for people, the others for programs').choices(formats).default('text'),
    );
}

command('run', 'the controller: watches, reconciles, runs, writes back; until SIGTERM')
  .argument('[fleet]', 'a work tree, or the URL of a remote', '.')
  .option('--remote <name>', 'read from and push to this remote of the work tree')
  .option('--branch <name>', "follow this branch (default: the one that is checked out, or the remote's own)")
  .addOption(
    new Option('--pull-interval <duration>', 'how often to look').argParser(milliseconds).default(30_000, '30s'),
  )
  .option('--no-push', 'push nothing to a remote; keep the results')
  .option('--status-branch <name>', 'write status and logs to this branch instead')
  .option('--skip-ci', 'say [skip ci] in the commits of the service', false)
  .option('--credentials-dir <dir>', 'a folder for each CredentialsRef with the files username, password, endpoints')
  .option('--verify-commits <file>', 'only commits signed by one of these SSH allowed signers take effect')
  .option('--state-dir <dir>', 'what is not in Git (default: bmcron/ in the Git folder)')
  .option('--listen <host:port>', 'serve health, metrics, the page and the JobService API here')
  .option('--api-tokens <file>', 'who may write by the API: a line "name sha256hex" for each token')
  .option('--hook-secret <file>', 'the secret with which a forge signs POST /hooks/git')
  .addOption(new Option('--log-level <level>').choices(LOG_LEVELS).default('info'))
  .option('--once', 'reconcile, run what is due, write back, exit', false)
  .addHelpText(
    'after',
    '\nExample: bmcron run --remote origin --credentials-dir /etc/bmcron --listen 127.0.0.1:8080 fleet/',
  )
  .action(ending((fleet: string, { pullInterval, ...rest }) => run({ ...rest, fleet, pullIntervalMs: pullInterval })));

command('validate', 'judges every manifest; contacts nothing, writes nothing', [...VALIDATE_FORMATS])
  .argument('[fleet]', 'the folder of the fleet, as it is', '.')
  .addHelpText('after', '\nExample: bmcron validate --format github fleet/')
  .action(ending((fleet: string, { path, format }) => validate({ ...folderOf(fleet, path), format, ...streams() })));

command('next', 'the coming runs, oldest first')
  .argument('[words...]', 'IDs of jobs, then the folder of the fleet (default: the current one, all jobs)')
  .option('--from <time>', 'after this time, ISO 8601 (default: now)')
  .option('--until <time>', 'up to this time')
  .option('--count <n>', 'so many of each job', wholeNumber)
  .addHelpText('after', '\nExample: bmcron next --count 3 nightly fleet/')
  .action(
    ending((words: string[], { path, ...rest }) => {
      const { fleet, names } = fleetAndNames(words);
      return next({ ...rest, folder: folderOf(fleet, path).folder, jobs: names, ...streams() });
    }),
  );

addPullCommands(program, command);

command('probe', 'asks BMCs what they have, and says which jobs fit')
  .argument('[words...]', 'IDs of machines, then the folder of the fleet (default: the current one, all machines)')
  .option('--credentials-dir <dir>', 'a folder for each CredentialsRef')
  .option('--write', 'put what was found under Managers in the inventory, comments kept', false)
  .addHelpText('after', '\nExample: bmcron probe --credentials-dir /etc/bmcron --write machine-1 fleet/')
  .action(
    ending((words: string[], { path, credentialsDir, ...rest }) => {
      const { fleet, names } = fleetAndNames(words);
      const credentials = createCredentials({ dir: credentialsDir, env: process.env });
      const ended = new AbortController();
      process.once('SIGINT', () => ended.abort());
      const { folder } = folderOf(fleet, path);
      return probe({
        ...rest,
        ...streams(),
        folder,
        machines: names,
        credentials,
        clock: systemClock,
        signal: ended.signal,
      });
    }),
  );

program
  .command('demo')
  .description('a fleet in a temporary folder, simulated BMCs on loopback, the real controller; says what to try')
  .option('--machines <n>', 'how many simulated BMCs', wholeNumber, 3)
  .option('--listen <host:port>', 'where the page is (default: 127.0.0.1:8080, or another free port)')
  .option('--api-tokens <file>', 'who may write by the API: a line "name sha256hex" for each token')
  .addHelpText('after', '\nExample: bmcron demo --machines 5')
  // Loaded here: certificates and simulated BMCs would make every other start slower.
  .action(ending(async (options) => (await import('./cli/demo.ts')).demo(options)));

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0); // the reader has seen enough: `bmcron next | head`
});

try {
  for (const each of program.commands) each.exitOverride();
  await program.exitOverride().parseAsync();
} catch (error) {
  process.exitCode = explained(error);
}

/** Says on stderr why a command could not do what it was asked for. */
function explained(error: unknown): number {
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')) {
    return 'exitCode' in error && error.exitCode === 0 ? 0 : 2; // commander has said it
  }
  process.stderr.write(`bmcron: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UsageError ? 2 : error instanceof Error && error.name === 'SettingsRefused' ? 1 : 3;
}
