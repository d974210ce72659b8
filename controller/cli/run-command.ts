import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../events/logger.ts';
import type { ServingOptions } from '../server/serve.ts';
import type { FleetLocation } from '../snapshot/source.ts';
import { fleetCommand, milliseconds, withExitCode } from './arguments.ts';
import { run } from './run.ts';
import type { RunOptions } from './run-options.ts';

/** What commander makes of the options of `run`. */
interface RunFlags
  extends Omit<FleetLocation, 'fleet'>,
    Partial<Pick<ServingOptions, 'listen' | 'apiTokens' | 'hookSecret'>> {
  readonly local: boolean;
  readonly push: boolean;
  readonly skipCi: boolean;
  readonly format: 'text' | 'json';
  readonly pullInterval: number;
  readonly hold?: string;
  readonly credentialsDir?: string;
  readonly stateDir?: string;
  readonly engine?: string;
  readonly engineCredentials?: string;
  readonly standby?: boolean;
  readonly logLevel: LogLevel;
  readonly once: boolean;
}

/** Declares `run`, the command with the most options. */
export function addRun(program: Command): void {
  fleetCommand(program, 'run', 'the controller: watches, reconciles, runs, writes back; until SIGTERM')
    .argument('[fleet]', 'a work tree, or the URL of a remote', '.')
    .option('--remote <name>', 'read from and push to this remote of the work tree')
    .option('--remote-credentials <file>', 'the login for a remote over HTTPS: lines username=… and password=…')
    .option('--local', 'read and write the work tree alone, though its branch tracks a remote', false)
    .option('--branch <name>', "follow this branch (default: the one that is checked out, or the remote's own)")
    .addOption(
      new Option('--pull-interval <duration>', 'how often to look').argParser(milliseconds).default(30_000, '30s'),
    )
    .option('--no-push', 'push nothing to a remote; keep the results')
    .option('--status-branch <name>', 'write status and logs to this branch instead')
    .option('--skip-ci', 'say [skip ci] in the commits of the service', false)
    .option('--credentials-dir <dir>', 'a folder for each CredentialsRef with the files username, password, endpoints')
    .option('--verify-commits <file>', 'only commits signed by one of these SSH allowed signers take effect')
    .option('--signing-key <file>', 'sign the commits of the service with this SSH key')
    .option('--own-signers <file>', 'SSH allowed signers: keys of controllers whose files count (default: its own)')
    .option('--accept-removals <commit>', 'jobs that are gone as of this commit may go, however many they are')
    .option('--hold <file>', 'while this file exists nothing begins, for the hour when Git itself is down')
    .option('--engine <url>', 'the NATS server by which workers at other sites are reached: tls://HOST:4222')
    .option('--engine-credentials <file>', 'NATS credentials, or the seed of an NKey, for the engine')
    .option('--standby', 'one of several controllers of this fleet: it runs while it has the lease at the engine')
    .option('--state-dir <dir>', 'what is not in Git (default: bmcron/ in the Git folder)')
    .option('--listen <host:port>', 'serve health, metrics, the page and the JobService API here')
    .option('--api-tokens <file>', 'who may write by the API: a line "name sha256hex" for each token')
    .option('--hook-secret <file>', 'the secret with which a forge signs POST /hooks/git')
    .addOption(
      new Option('--log-level <level>', 'the least that is worth a log line').choices(LOG_LEVELS).default('info'),
    )
    .option('--once', 'reconcile, run what is due, write back, exit', false)
    .addHelpText(
      'after',
      '\nExample: bmcron run --remote origin --credentials-dir /etc/bmcron --listen 127.0.0.1:8080 fleet/',
    )
    .action(withExitCode((fleet: string, flags: RunFlags) => run(runOptions(fleet, flags))));
}

function runOptions(fleet: string, flags: RunFlags): RunOptions {
  const { local, push, skipCi, format, logLevel, pullInterval, stateDir, credentialsDir, once, ...others } = flags;
  const { listen, apiTokens, hookSecret, hold, engine, engineCredentials, standby = false, ...location } = others;
  const unserved = [
    ...(apiTokens === undefined ? [] : ['--api-tokens']),
    ...(hookSecret === undefined ? [] : ['--hook-secret']),
  ];
  const serving = { anyFreePort: false, apiTokens, hookSecret, push, verifyCommits: location.verifyCommits };
  return {
    location: { ...location, fleet },
    local,
    push,
    skipCI: skipCi,
    pullIntervalMs: pullInterval,
    stateDir,
    hold,
    credentialsDir,
    engine: engine === undefined ? undefined : { url: engine, credentials: engineCredentials },
    standby,
    log: { level: logLevel, format },
    once,
    serving: listen === undefined ? undefined : { ...serving, listen },
    unserved: listen === undefined ? unserved : [],
    hasStrayCredentials: engine === undefined && engineCredentials !== undefined,
  };
}
