import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { type SimpleGitOptions, simpleGit } from 'simple-git';
import { discoveryEnvironment, gitEnvironment } from './environment.ts';
import { GitError } from './error.ts';
import { type GroupOptions, runGroup } from './process-group.ts';
import { loginVariables, PLAIN_REACH, type Reach, scrubberOf } from './remote/reach.ts';

/** A local command that prints nothing for so long hangs. */
const SILENCE_MS = 120_000;
/** Commands that hold nobody's hooks, monitors or background work: this process alone decides what runs. */
const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.alternateRefsCommand=true', // prints nothing
  'core.quotePath=false',
  'gc.auto=0',
  'maintenance.auto=false',
];

/** What simple-git keeps from strings that users may have written. All of ours are made here, by no user. */
const UNSAFE = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeFilter: true,
  allowUnsafeTemplateDir: true,
  // What operators set by GIT_CONFIG_COUNT, for remotes mostly:
  allowUnsafeAlias: true,
  allowUnsafeAskPass: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeEditor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeInclude: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeUrlRewrite: true,
};

/** Why a child did not start most lately. */
let notStarted = '';

/**
 * Without a file to spare a child has neither pipes nor, yet, an error: simple-git stumbles over the pipes before it
 * listens, and an error that nobody listens to ends the process. So somebody does.
 */
subscribe('child_process', (message) => {
  const { process: child } = message as { readonly process: ChildProcess };
  child.once('error', (error) => (notStarted = error.message));
});

export interface CommandOptions {
  /** Standard input. */
  readonly input?: string | Buffer;
  /** The command is ended, and fails, when it prints more. */
  readonly mostBytes?: number;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs git commands on one repository. */
export interface Git {
  /** The repository's Git folder, absolute. */
  readonly folder: string;
  /** Runs a command that stays on this machine. @throws GitError */
  bytes(args: readonly string[], options?: CommandOptions): Promise<Buffer>;
  /** As `bytes`, as text. @throws GitError */
  text(args: readonly string[], options?: CommandOptions): Promise<string>;
  /** Runs a command that talks to a remote; past the limit, or aborted, all its helpers end too. @throws GitError */
  network(args: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<string>;
  /** Runs a command of this machine that has helpers of its own; they end with it. @throws GitError */
  withHelpers(args: readonly string[], timeoutMs: number): Promise<string>;
}

/** What is on the disk before git says that it is there; by itself it leaves loose objects to chance. */
export const DURABLE = ['core.fsync=committed,reference'];

/**
 * Git for the repository whose Git folder this is.
 * @param workTree where a checkout's files are; commands run there
 * @param reach how its remotes are reached, asked before each conversation
 * @param config settings of every command, as `name=value`
 */
export function openGit(
  folder: string,
  environment: NodeJS.ProcessEnv,
  workTree = folder,
  reach: () => Promise<Reach> = () => Promise.resolve(PLAIN_REACH),
  config: readonly string[] = [],
): Git {
  const local = { ...gitEnvironment(environment, 'local'), GIT_DIR: folder };
  const own = [...CONFIG, ...config].flatMap((setting) => ['-c', setting]);
  const group = async (args: readonly string[], options: Omit<GroupOptions, 'cwd'>) =>
    (await runGroup('git', [...own, ...args], { cwd: workTree, ...options })).toString('utf8');
  const bytes: Git['bytes'] = (args, options = {}) =>
    runLocal(workTree, args, { ...local, ...options.environment }, options, config);
  return {
    folder,
    bytes,
    text: async (args, options) => (await bytes(args, options)).toString('utf8'),
    network: async (args, timeoutMs, signal) => {
      const how = await reach();
      const remote = { ...gitEnvironment(environment, 'network', how.settings), ...loginVariables(how) };
      return group(args, { env: { ...remote, GIT_DIR: folder }, timeoutMs, signal, scrub: scrubberOf(how) });
    },
    withHelpers: (args, timeoutMs) => group(args, { env: local, timeoutMs }),
  };
}

/**
 * What git says about a folder that may be one of a repository, a line each. A repository that another user owns is
 * refused, as git itself refuses it (`safe.directory`): its configuration could run programs.
 * @throws GitError
 */
export async function discover(folder: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
  const bytes = await runLocal(folder, args, discoveryEnvironment(environment), {});
  return bytes.toString('utf8').trimEnd().split('\n');
}

/** One command through simple-git. A new instance each: input, exit code and output belong to one command. */
async function runLocal(
  cwd: string,
  args: readonly string[],
  env: Record<string, string>,
  { input, mostBytes = Number.POSITIVE_INFINITY }: CommandOptions,
  config: readonly string[] = [],
): Promise<Buffer> {
  let exitCode: number | null = null;
  const chunks: Buffer[] = [];
  let printed = 0;
  const tooMuch = new AbortController();
  const options: Partial<SimpleGitOptions> = {
    baseDir: cwd,
    config: [...CONFIG, ...config],
    completion: { onClose: true, onExit: false },
    timeout: { block: SILENCE_MS },
    abort: tooMuch.signal,
    allowEnvironment: Object.keys(env).filter((key) => key.startsWith('GIT_')),
    unsafe: UNSAFE,
    errors: (error, result) => {
      exitCode = result.exitCode;
      return error ?? (exitCode === 0 ? undefined : Buffer.concat(result.stdErr)); // silent failures count too
    },
    // As bytes, and always: simple-git takes an empty text for none, leaves stdin open, and git waits for its end.
    input: () => Buffer.from(input ?? ''),
  };
  try {
    const git = simpleGit(options).env(env); // throws when there is no such folder
    git.outputHandler((_command, stdout) => {
      stdout.on('data', (chunk: Buffer) => {
        printed += chunk.length;
        if (printed > mostBytes) tooMuch.abort();
        else chunks.push(chunk);
      });
      // simple-git gives a command that printed nothing 50 ms more to do so; after the end nothing can come.
      stdout.on('end', () => stdout.emit('data', Buffer.alloc(0)));
    });
    await git.raw([...args]);
  } catch (error) {
    const text = await wordsOf(error);
    const end = exitCode === null ? 'was ended before it was done' : `ended with ${exitCode}`;
    throw new GitError(text || `git ${args[0]} ${end}`, exitCode, exitCode === null);
  }
  return Buffer.concat(chunks); // raw() would decode, and blobs are bytes
}

async function wordsOf(error: unknown): Promise<string> {
  const text = error instanceof Error ? error.message.trim() : String(error);
  if (!text.startsWith('TypeError: ')) return text;
  await new Promise(setImmediate); // simple-git missed the child's pipes; why there are none comes next
  return `git does not start: ${notStarted || text}`;
}
