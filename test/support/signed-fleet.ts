// Fleets whose commits are signed: keys made for the test, and people who sign with them, or do not.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import type { FleetLocation } from '../../controller/snapshot/source.ts';
import { commit, createGitFolder, type GitFolder, git, workTree } from './git-folder.ts';
import { IDENTITY, openTestPublisher, type TestPublisher } from './publisher.ts';

/** A key pair in a folder, the line of an allowed-signers file for it, and such a file. */
export function keyIn(folder: string, name: string): { file: string; line: string; signers: string } {
  const file = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  const line = `${name} ${readFileSync(`${file}.pub`, 'utf8').trim()}\n`;
  const signers = `${file}.signers`;
  writeFileSync(signers, line);
  return { file, line, signers };
}

/** Commits signed by a key, or by none. */
export function signed(folder: string, by: string | null, files: Record<string, string | null>, message = 'x'): string {
  git(folder, 'config', 'gpg.format', 'ssh');
  if (by) git(folder, 'config', 'user.signingKey', by);
  git(folder, 'config', 'commit.gpgSign', String(by !== null));
  return commit(folder, files, message);
}

/** A manifest, as far as Git is concerned. */
export const job = (name: string) => ({ [`jobs/${name}.yaml`]: `Name: ${name}\n` });

/** What a test of signed commits has. */
export interface SignedFleet {
  readonly folder: GitFolder;
  /** The work tree that the service reads and writes. */
  readonly human: string;
  /** Files of private keys: of who may sign, of who may not, and of the service. */
  readonly keys: Readonly<Record<'ada@example.com' | 'mallory' | 'bot', string>>;
  /** A service on it that wants signatures. */
  open(more?: Pick<FleetLocation, 'ownSigners'>): Promise<TestPublisher>;
}

/** A test on a fleet whose first commit Ada has signed. */
export function signedTest(name: string, body: (fleet: SignedFleet) => Promise<void>): void {
  test(name, async () => {
    const at = createGitFolder();
    const [ada, mallory, bot] = [
      keyIn(at.root, 'ada@example.com'),
      keyIn(at.root, 'mallory'),
      keyIn(at.root, IDENTITY.email),
    ];
    writeFileSync(at.path('signers'), ada.line + bot.line);
    const human = workTree(at.path('human'), {});
    signed(human, ada.file, job('a'));
    rmSync(join(human, '.git', 'COMMIT_EDITMSG'));
    git(human, 'update-ref', 'refs/heads/main', git(human, 'commit-tree', '-S', 'HEAD^{tree}', '-m', 'signed root'));
    const keys = { 'ada@example.com': ada.file, mallory: mallory.file, bot: bot.file };
    const options = { fleet: human, stateDir: at.path('state'), verifyCommits: at.path('signers') };
    try {
      await body({ folder: at, human, keys, open: (more = {}) => openTestPublisher({ ...options, ...more }) });
    } finally {
      at.remove();
    }
  });
}
