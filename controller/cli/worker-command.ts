import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../events/logger.ts';
import { milliseconds, wholeNumber, withExitCode } from './arguments.ts';
import { worker } from './worker.ts';

interface WorkerFlags {
  readonly engine: string;
  readonly engineCredentials?: string;
  readonly site: string;
  readonly credentialsDir?: string;
  readonly connections: number;
  readonly stateDir?: string;
  readonly listen?: string;
  readonly shutdownTimeout: number;
  readonly format: 'text' | 'json';
  readonly logLevel: LogLevel;
}

/** Declares `worker`. */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('carries out the parts of a site for a controller elsewhere: no Git, outbound connections alone')
    .requiredOption('--engine <url>', 'the NATS server of the controller: tls://HOST:4222')
    .option('--engine-credentials <file>', 'NATS credentials, or the seed of an NKey, for the engine')
    .requiredOption('--site <name>', 'serve the machines whose label site is this')
    .option('--credentials-dir <dir>', 'a folder for each CredentialsRef with the files username, password, endpoints')
    .option('--connections <n>', 'machines that are talked to at once', wholeNumber, 50)
    .option('--state-dir <dir>', 'results on their way (default: bmcron/worker-SITE in ~/.local/state)')
    .option('--listen <host:port>', 'serve health here')
    .addOption(
      new Option('--shutdown-timeout <duration>', 'how long machines may be finished after SIGTERM')
        .argParser(milliseconds)
        .default(30_000, '30s'),
    )
    .addOption(
      new Option('--format <format>', 'text for people, json for programs').choices(['text', 'json']).default('text'),
    )
    .addOption(
      new Option('--log-level <level>', 'the least that is worth a log line').choices(LOG_LEVELS).default('info'),
    )
    .addHelpText(
      'after',
      '\nExample: bmcron worker --engine tls://hub:4222 --engine-credentials fra1.creds --site fra1',
    )
    .action(
      withExitCode(({ engine, engineCredentials, logLevel, format, shutdownTimeout, ...flags }: WorkerFlags) =>
        worker({
          ...flags,
          engine: { url: engine, credentials: engineCredentials },
          log: { level: logLevel, format },
          shutdownTimeoutMs: shutdownTimeout,
        }),
      ),
    );
}
