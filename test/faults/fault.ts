import { test } from 'uvu';
import { type Forge, startForge } from '../support/forge.ts';
import { createGitFolder, type GitFolder, git, remoteAndClone } from '../support/git-folder.ts';
import { openTestPublisher, type TestPublisher } from '../support/publisher.ts';

export const FILES = { 'jobs/a.yaml': 'Name: A\n', 'machines/m.yaml': 'ID: m\n' };
export const LOGS = /^logs\//;

/** What a test of a fault works with. */
export interface FaultContext {
  readonly folder: GitFolder;
  readonly forge: Forge;
  /** The remote repository, and its URL. */
  readonly bare: string;
  readonly url: string;
  /** A human's clone of it. */
  readonly human: string;
  /** Starts a service; it is closed after the test. */
  readonly open: typeof openTestPublisher;
}

/** A forge with a fleet, a human's clone of it and a service on it; all gone afterwards. */
export function faultTest(name: string, body: (at: FaultContext) => Promise<void>): void {
  test(name, async () => {
    const at = createGitFolder();
    const { bare, human } = remoteAndClone(at, FILES);
    git(bare, 'config', 'http.receivepack', 'true');
    let seed = 7;
    const forge = await startForge(at.root, () => {
      seed = (seed * 16_807) % 2_147_483_647; // the same drops in each run
      return seed / 2_147_483_647;
    });
    const url = `${forge.url}/remote.git`;
    try {
      await body({ folder: at, forge, bare, human, url, open });
    } finally {
      await forge.close();
      for (const service of services.splice(0)) await service.close().catch(() => undefined);
      at.remove();
    }
  });
}

const services: TestPublisher[] = [];
async function open(...args: Parameters<typeof openTestPublisher>): Promise<TestPublisher> {
  const service = await openTestPublisher(...args);
  services.push(service);
  return service;
}
