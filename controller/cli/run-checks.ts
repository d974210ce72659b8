import { readFile, stat } from 'node:fs/promises';
import { type FileTrust, modeFault } from '../file-mode.ts';
import { checkBeside, checkBranchName } from '../git/branch.ts';
import { readListenAddress } from '../server/listen-address.ts';
import { pathInside } from './arguments.ts';
import { engineFault } from './engine-options.ts';
import { UsageError } from './exit-code.ts';
import type { RunOptions } from './run-options.ts';

/** What is wrong with an option, and what to do; null where nothing is. */
type Check = (options: RunOptions) => Promise<string | null>;

/** A file that an option names, and what it is for. */
type NamedFile = readonly [option: string, path: string | undefined, trust: FileTrust, purpose: string, read?: Reading];

/** Reads the text of a file as it will be used; it rejects where it cannot be. */
type Reading = (text: string) => Promise<unknown>;

/** Judges a file of tokens as `demo` names it. @throws UsageError */
export async function checkTokenFile(path: string | undefined): Promise<void> {
  const fault = await checkFile(tokenFile(path));
  if (fault !== null) throw new UsageError(fault);
}

/** Judges a folder of secrets as the other commands name it. @throws UsageError */
export async function checkCredentialsDir(credentialsDir: string | undefined): Promise<void> {
  const fault = await checkCredentials({ credentialsDir });
  if (fault !== null) throw new UsageError(fault);
}

/** Judges everything that the command line names, before anything is opened: all faults at once. @throws UsageError */
export async function checkRunOptions(options: RunOptions): Promise<void> {
  const checks: readonly Check[] = [
    checkCredentials,
    checkServing,
    checkEngine,
    ({ location: { path = '' } }) => refusal(async () => void pathInside(path)),
    ...branchChecks(options),
    ...fileChecks(options),
  ];
  const found = await Promise.all(checks.map((check) => check(options)));
  const faults = found.filter((fault) => fault !== null);
  if (faults.length === 0) return;
  const [first = ''] = faults;
  throw new UsageError(
    faults.length === 1 ? first : `${faults.length} options cannot be used:\n  ${faults.join('\n  ')}`,
  );
}

async function checkCredentials({ credentialsDir: dir }: Pick<RunOptions, 'credentialsDir'>): Promise<string | null> {
  if (dir === undefined) return null;
  const option = `--credentials-dir ${dir}`;
  try {
    return (await stat(dir)).isDirectory()
      ? null
      : `${option} is no folder: name the one with a folder a CredentialsRef`;
  } catch (error) {
    return `${option} ${why(error)}: make it, with a folder for each CredentialsRef (username, password, endpoints)`;
  }
}

async function checkServing({ serving, unserved }: RunOptions): Promise<string | null> {
  if (serving === undefined) {
    if (unserved.length === 0) return null;
    return `${unserved.join(' and ')}: nothing is served without --listen, such as --listen 127.0.0.1:8080`;
  }
  if (readListenAddress(serving.listen)) return null;
  return `--listen ${serving.listen}: say HOST:PORT, such as 127.0.0.1:8080`;
}

async function checkEngine(options: RunOptions): Promise<string | null> {
  const { engine, hasStrayCredentials, standby, once, local, push } = options;
  if (standby && engine === undefined) return '--standby needs an engine, where the lease is: --engine tls://HOST:4222';
  if (standby && once) return '--standby and --once: what is due now is for whoever leads';
  if (standby && (local || !push)) return '--standby needs a remote that each controller reads from and pushes to';
  if (hasStrayCredentials) return '--engine-credentials is for an engine: name it by --engine tls://HOST:4222';
  return engine === undefined ? null : await engineFault(engine);
}

function branchChecks({ location: { branch, statusBranch } }: RunOptions): readonly Check[] {
  const names = { '--branch': branch, '--status-branch': statusBranch };
  const checks = Object.entries(names).flatMap(([option, name]) => {
    return name === undefined ? [] : [() => refusal(() => checkBranchName(option, name, process.env))];
  });
  if (branch === undefined || statusBranch === undefined) return checks;
  return [...checks, () => refusal(async () => checkBeside(statusBranch, branch))];
}

function fileChecks({ location, serving }: RunOptions): readonly Check[] {
  const { verifyCommits, signingKey, ownSigners, remoteCredentials } = location;
  const files: readonly NamedFile[] = [
    tokenFile(serving?.apiTokens),
    ['--hook-secret', serving?.hookSecret, 'secret', 'the secret of the push hook', readSecret],
    ['--verify-commits', verifyCommits, 'trusted', 'SSH allowed signers, a line for each'],
    ['--signing-key', signingKey, 'secret', 'an SSH private key'],
    ['--own-signers', ownSigners, 'trusted', 'SSH allowed signers, a line for each', readSigners],
    ['--remote-credentials', remoteCredentials, 'secret', 'lines username=… and password=…'],
  ];
  return files.map((file) => () => checkFile(file));
}

// Who serves nothing need not load what serves.
const readTokens: Reading = async (text) => (await import('../server/tokens.ts')).readTokens(text);
const readSecret: Reading = async (text) => (await import('../server/webhook.ts')).readHookSecret(text);
const readSigners: Reading = async (text) => (await import('../git/signature.ts')).keysOf(text);

function tokenFile(path: string | undefined): NamedFile {
  return ['--api-tokens', path, 'trusted', 'a line "name sha256hex" for each who may write', readTokens];
}

async function checkFile([option, path, trust, purpose, read]: NamedFile): Promise<string | null> {
  if (path === undefined) return null;
  let text: string;
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory()) return `${option} ${path} is no file: it is read more than once`;
    const mode = modeFault(found, trust);
    if (mode !== null) return `${option} ${path}: ${mode}`;
    text = await readFile(path, 'utf8');
  } catch (error) {
    return `${option} ${path} ${why(error)}: it holds ${purpose}`;
  }
  const fault = read ? await refusal(() => read(text)) : null;
  return fault && `${option} ${path}: ${fault}`;
}

async function refusal(check: () => Promise<unknown>): Promise<string | null> {
  try {
    await check();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function why(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a folder';
  return `cannot be read (${message})`;
}
