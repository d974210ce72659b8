import { readFile } from 'node:fs/promises';
import type { Git } from './command.ts';
import { asWritten } from './environment.ts';

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
