// Whole services whose people sign, and that sign themselves.
import { dirname } from 'node:path';
import type { GitBackendOptions } from '../../controller/backend.ts';
import type { CreateSystem, TestSystem } from './controller.ts';
import { git } from './git-folder.ts';
import { keyIn } from './signed-fleet.ts';

/** A system whose people sign, and whose service signs and wants signatures. */
export function createSigned(create: CreateSystem, files: Readonly<Record<string, string>>): Promise<TestSystem> {
  let location: GitBackendOptions['location'] | undefined;
  return create({
    remote: true,
    files,
    gitOptions(bare) {
      location ??= signedLocation(bare);
      return { location };
    },
  });
}

function signedLocation(bare: string): GitBackendOptions['location'] {
  const folder = dirname(bare);
  const human = `${folder}/human`;
  const [ada, service] = [keyIn(folder, 'ada@example.com'), keyIn(folder, 'service')];
  for (const [name, value] of [
    ['gpg.format', 'ssh'],
    ['user.signingKey', ada.file],
    ['commit.gpgSign', 'true'],
  ] as const)
    git(human, 'config', name, value);
  git(human, 'commit', '--quiet', '--allow-empty', '-m', 'begin\n\nBmcron-Seal: yes');
  git(human, 'push', '--quiet', 'origin', 'main');
  const verifyCommits = ada.signers;
  return { fleet: `file://${bare}`, branch: 'main', verifyCommits, signingKey: service.file };
}

/** The host is lost, and with it the state folder. */
export async function startAnew(system: TestSystem): Promise<void> {
  await system.removeState();
  system.move('new');
  await system.start();
}
