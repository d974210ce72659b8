import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { discover, type Git, openGit } from '../git/command.ts';

/** A repository made from nothing: a bare one, and a person's clone of it. For demonstrations and tests. */
export interface DemoRepository {
  /** The person's work tree. */
  readonly clone: string;
  readonly remote: string;
  /** Commits what has changed in the clone and pushes; returns the newest commit. @throws GitError */
  commit(message: string): Promise<string>;
  /** What git prints about the remote's newest commits. @throws GitError */
  ask(...args: readonly string[]): Promise<string>;
}

const PUSHES = 5;
const PERSON = {
  GIT_AUTHOR_NAME: 'Demo Operator',
  GIT_AUTHOR_EMAIL: 'operator@example.com',
  GIT_COMMITTER_NAME: 'Demo Operator',
  GIT_COMMITTER_EMAIL: 'operator@example.com',
};

/** Makes `fleet.git` and its clone `fleet` in a folder, without a commit. @throws GitError */
export async function createDemoRepository(folder: string): Promise<DemoRepository> {
  const remote = join(folder, 'fleet.git');
  const clone = join(folder, 'fleet');
  await discover(folder, ['init', '--quiet', '--bare', '--initial-branch=main', remote], process.env);
  await discover(folder, ['init', '--quiet', '--initial-branch=main', clone], process.env);
  const git: Git = openGit(join(clone, '.git'), process.env, clone);
  await git.text(['remote', 'add', 'origin', remote]);
  await git.text(['config', 'branch.main.remote', 'origin']);
  await git.text(['config', 'branch.main.merge', 'refs/heads/main']);
  return repositoryAt(clone, remote, git);
}

/** The repository in a folder, with what came to it since; made where there is none. @throws GitError */
export async function openDemoRepository(folder: string): Promise<DemoRepository> {
  const clone = join(folder, 'fleet');
  if (!existsSync(join(clone, '.git'))) return createDemoRepository(folder);
  const git: Git = openGit(join(clone, '.git'), process.env, clone);
  await git.text(['fetch', '--quiet', 'origin', 'main']);
  await git.text(['rebase', '--quiet', '--autostash', 'FETCH_HEAD'], { environment: PERSON });
  return repositoryAt(clone, join(folder, 'fleet.git'), git);
}

function repositoryAt(clone: string, remote: string, git: Git): DemoRepository {
  return {
    clone,
    remote,
    async commit(message) {
      await git.text(['add', '--all']);
      const changed = await git.text(['status', '--porcelain']);
      if (changed !== '') await git.text(['commit', '--quiet', '--message', message], { environment: PERSON });
      await pushed(git);
      return (await git.text(['rev-parse', 'HEAD'])).trim();
    },
    ask: (...args) => openGit(remote, process.env).text(args),
  };
}

/** Pushes as a person does whom the service may overtake: fetch, rebase, again. @throws GitError */
async function pushed(git: Git): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await git.text(['push', '--quiet', 'origin', 'main']);
      return;
    } catch (error) {
      if (tries >= PUSHES) throw error;
      await git.text(['fetch', '--quiet', 'origin', 'main']);
      await git.text(['rebase', '--quiet', 'FETCH_HEAD'], { environment: PERSON });
    }
  }
}
