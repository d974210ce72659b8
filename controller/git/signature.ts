import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../state/atomic-file.ts';
import type { Git } from './command.ts';
import { asWritten } from './environment.ts';
import { GitError } from './error.ts';
import type { CommitDraft, Identity } from './fast-import.ts';
import { runGroup } from './process-group.ts';

/** A good signature of a commit: by which principal of an allowed-signers file, and with which key. */
export interface Signature {
  readonly principal: string;
  /** The key's fingerprint, `SHA256:…`. */
  readonly key: string;
}

/** What decides a signature, besides the file of signers: neither a repository's configuration nor PGP keys at hand. */
const VERIFYING = [
  ['gpg.program', 'false'],
  ['gpg.openpgp.program', 'false'],
  ['gpg.x509.program', 'false'],
  ['gpg.ssh.program', 'ssh-keygen'],
] as const;

/** The good signatures among these commits, by commit. @param signers an SSH allowed-signers file */
export async function signaturesOf(
  git: Git,
  commits: readonly string[],
  signers: string,
): Promise<ReadonlyMap<string, Signature>> {
  const found = new Map<string, Signature>();
  if (commits.length === 0) return found;
  await readFile(signers); // a file that is not there refuses all, and is reported as what it is
  const asked = new Set(commits);
  const environment = asWritten([...VERIFYING, ['gpg.ssh.allowedSignersFile', signers]]);
  const format = '--format=%H %G? %GF %GS';
  const output = await git.text(
    ['log', '-z', '--no-show-signature', '--no-color', '--no-walk=unsorted', '--stdin', format],
    { input: `${[...asked].join('\n')}\n`, environment },
  );
  for (const line of output.split('\0')) {
    const [id = '', verdict, key = '', ...principal] = line.trim().split(' ');
    const isFirst = asked.delete(id);
    if (isFirst && verdict === 'G') found.set(id, { principal: principal.join(' '), key });
    else found.delete(id); // told twice, or not asked for: nobody vouches for it
  }
  return found;
}

/** The fingerprints of the keys that an allowed-signers file lists. @throws GitError that names the line */
export async function keysIn(signers: string): Promise<ReadonlySet<string>> {
  try {
    return keysOf(await readFile(signers, 'utf8'));
  } catch (error) {
    throw new GitError(`${signers}: ${(error as Error).message}`, null);
  }
}

/**
 * The fingerprints of the keys in the text of an allowed-signers file. A line is read as OpenSSH reads it; one that is
 * not understood fails, since a key that is not seen here would be taken for a person's.
 * @throws Error that names the line
 */
export function keysOf(text: string): ReadonlySet<string> {
  const lines = text.split('\n').map((line) => line.trim());
  return new Set(lines.flatMap((line, at) => (line === '' || line.startsWith('#') ? [] : [keyOf(line, at + 1)])));
}

/** What a line begins with: the principals, perhaps in quotes. */
const PRINCIPALS = /^(?:"[^"]+"|[^\s"]+)\s+/;
/** What may stand before the key: `namespaces="git, x",valid-after="2026"`. */
const OPTIONS = /^[A-Za-z-]+(?:="[^"]*")?(?:,[A-Za-z-]+(?:="[^"]*")?)*\s+/;
const KEY = /^(\S+)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/;
const TYPES = [
  'ssh-ed25519',
  'ssh-rsa',
  'ssh-dss',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

function keyOf(line: string, number: number): string {
  const rest = line.replace(PRINCIPALS, '');
  const isKey = TYPES.includes(KEY.exec(rest)?.[1] ?? '');
  const options = isKey ? '' : (OPTIONS.exec(rest)?.[0] ?? '');
  const [, type = '', base64 = ''] = KEY.exec(rest.slice(options.length)) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  // A key says its own type once more, after four bytes of its length.
  const isWhole = TYPES.includes(type) && bytes.toString('latin1', 4, 4 + type.length) === type;
  // What an authority certifies are keys that nobody has listed.
  if (rest === line || !isWhole || /(^|,)cert-authority/i.test(options)) {
    throw new Error(`line ${number} is not understood: principals, then the public key of a controller`);
  }
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}

/** Signs commits of the service with its SSH key. */
export interface Signer {
  /** An allowed-signers file that lists its own public key, and no other. */
  readonly signers: string;
  /** The commit again, signed; returns its ID. @throws GitError */
  sign(git: Git, commit: string, draft: CommitDraft): Promise<string>;
}

export interface SignerOptions {
  /** A private key without a passphrase, or a public one whose private key the agent has. */
  readonly key: string;
  /** Where its allowed-signers file is kept. */
  readonly folder: string;
  readonly identity: Identity;
  readonly environment: NodeJS.ProcessEnv;
}

/** The signer with a key. @throws GitError when the key cannot be used */
export async function openSigner({ key, folder, identity, environment }: SignerOptions): Promise<Signer> {
  const signers = join(folder, 'own-signers');
  await writeAtomically(signers, `${identity.email} ${await publicKey(key, environment)}\n`);
  const agent = environment['SSH_AUTH_SOCK'];
  const settings = asWritten([
    ['gpg.format', 'ssh'],
    ['gpg.ssh.program', 'ssh-keygen'],
    ['user.signingKey', key],
    ['i18n.commitEncoding', 'UTF-8'],
  ]);
  return {
    signers,
    async sign(git, commit, { parent, author, time, message, committer = author }) {
      const when = `${Math.floor(time.getTime() / 1000)} +0000`;
      const signed = await git.text(['commit-tree', '-S', `${commit}^{tree}`, ...(parent ? ['-p', parent] : [])], {
        input: message.endsWith('\n') ? message : `${message}\n`,
        environment: {
          ...settings,
          ...(agent && { SSH_AUTH_SOCK: agent }),
          GIT_AUTHOR_NAME: author.name,
          GIT_AUTHOR_EMAIL: author.email,
          GIT_AUTHOR_DATE: when,
          GIT_COMMITTER_NAME: committer.name,
          GIT_COMMITTER_EMAIL: committer.email,
          GIT_COMMITTER_DATE: when,
        },
      });
      return signed.trim();
    },
  };
}

/** The public key of a file; it proves that nobody will be asked for a passphrase. */
async function publicKey(key: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const text = await readFile(key, 'utf8').catch((error: Error) => {
    throw new GitError(`the signing key cannot be read: ${error.message}`, null);
  });
  if (/^(ssh|ecdsa|sk-)/.test(text)) return text.trim();
  const env = { PATH: environment['PATH'] ?? '', SSH_ASKPASS_REQUIRE: 'never' };
  try {
    const printed = await runGroup('ssh-keygen', ['-y', '-P', '', '-f', key], { cwd: '/', env, timeoutMs: 10_000 });
    return printed.toString('utf8').trim();
  } catch (error) {
    const advice = 'name an SSH private key without a passphrase, or a public key whose private one the agent has';
    throw new GitError(`the signing key ${key} cannot be used (${(error as Error).message}): ${advice}`, null);
  }
}
