import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemTest } from '../scenarios/scenario.ts';
import type { CreateSystem } from '../support/controller.ts';
import {
  createGitFolder,
  GIT_ENVIRONMENT,
  git,
  remoteAndClone,
  result,
  until,
  workTree,
} from '../support/git-folder.ts';
import { daily, machines } from '../support/manifests.ts';
import { openTestPublisher } from '../support/publisher.ts';
import { faultTest } from './fault.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');
const FLEET = { ...machines(1), 'jobs/nightly.yaml': daily() };

/** The program, to its end. */
async function bmcron(...args: string[]): Promise<{ code: unknown; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'run', '--once', ...args], { env: GIT_ENVIRONMENT });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  return { code, said };
}

function branches(bare: string): string {
  return git(bare, 'for-each-ref', '--format=%(refname:strip=2)', 'refs/heads/');
}

const PLACES: readonly (readonly [what: string, options: Parameters<CreateSystem>[0]])[] = [
  ['a remote', { remote: true }],
  ['a bare folder', {}],
  [
    'a remote by name',
    { gitOptions: (bare) => ({ location: { fleet: bare.replace('remote.git', 'human'), remote: 'origin' } }) },
  ],
];

for (const [what, options] of PLACES) {
  systemTest(
    `#22.15 ${what}: the followed branch is renamed: nothing is made there, what is in force runs`,
    async (create) => {
      const system = await create({ files: FLEET, ...options });
      await system.advance(60_000);
      const was = git(system.bare, 'rev-parse', 'main');
      git(system.bare, 'branch', '-m', 'main', 'trunk');
      await system.reconcile();
      await system.advance('2026-03-10T22:01:00Z');
      assert.is(system.runs('nightly').length, 1, 'the due job runs');
      assert.is(system.status('nightly').ExecutionCount, 1);
      assert.is(branches(system.bare), 'trunk');
      assert.is(git(system.bare, 'rev-parse', 'trunk'), was, 'and nobody writes there');
      assert.match(String(system.of('reconcileFailed').at(-1)?.error), /no branch main \(it has trunk\)/);
      assert.ok(system.of('published').some(({ outcome }) => outcome === 'NoBranch'));

      git(system.bare, 'branch', '-m', 'trunk', 'main');
      await system.reconcile();
      await system.advance(120_000);
      assert.is(system.logs().length, 1, 'the results have waited');
      assert.is(git(system.bare, 'merge-base', was, 'main'), was, 'on top of what was there');
    },
  );
}

systemTest('#22.15 a remote made anew and empty: the push that restores it is no race', async (create) => {
  const system = await create({ files: FLEET, remote: true });
  await system.advance(60_000);
  git(system.human, 'pull', '--quiet', 'origin', 'main');
  rmSync(system.bare, { recursive: true });
  mkdirSync(system.bare);
  git(system.bare, 'init', '--quiet', '--bare', '--initial-branch=main');
  await system.reconcile();
  await system.advance('2026-03-10T22:01:00Z');
  assert.is(branches(system.bare), '');
  assert.is(system.of('git').filter(({ detail }) => detail.kind === 'BranchGone').length, 1, 'reported, and once');
  git(system.human, 'push', '--quiet', 'origin', 'main');
  await system.reconcile();
  await system.advance(120_000);
  assert.is(system.logs().length, 1);
});

faultTest('#22.15 a branch that vanishes between a look and a push is not made again', async (at) => {
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
  await service.repository.snapshot(() => false);
  git(at.bare, 'branch', '-m', 'main', 'trunk');
  await service.journal.append([result(1)]);
  assert.is((await service.publisher.publish()).outcome, 'NoBranch');
  assert.is(branches(at.bare), 'trunk');
  git(at.bare, 'branch', '-m', 'trunk', 'main');
  await service.repository.snapshot(() => false);
  await until(async () => (await service.publisher.publish()).outcome === 'Pushed');
});

test('#22.15 a checkout: its branch is renamed, nothing is made or written anywhere, and results wait', async () => {
  const at = createGitFolder();
  const folder = workTree(at.path('checkout'), FLEET);
  const service = await openTestPublisher({ fleet: folder, stateDir: at.path('state') });
  await service.repository.snapshot(() => false);
  git(folder, 'branch', '-m', 'main', 'trunk');
  const tip = git(folder, 'rev-parse', 'trunk');
  await service.journal.append([result(1)]);
  assert.is((await service.publisher.publish()).outcome, 'NoBranch');
  const told = await service.repository.snapshot(() => false).then(String, String);
  assert.match(told, /no branch main \(it has trunk\)/);
  assert.equal([branches(folder), git(folder, 'rev-parse', 'trunk')], ['trunk', tip]);
  assert.is(git(folder, 'status', '--porcelain'), '');
  await service.close();
  at.remove();
});

test('#22.15 a start on a branch that is gone is exit 3 each time, and never follows another one', async () => {
  const at = createGitFolder();
  const { bare, human } = remoteAndClone(at, FLEET);
  const checkout = workTree(at.path('checkout'), FLEET);
  const fleets: [string, string[], string][] = [
    [`file://${bare}`, ['--state-dir', at.path('state-1')], bare],
    [human, ['--remote', 'origin', '--state-dir', at.path('state-2')], bare],
    [bare, ['--state-dir', at.path('state-3'), '--branch', 'main'], bare],
    [checkout, [], checkout],
  ];
  for (const [fleet, options] of fleets) assert.is((await bmcron(fleet, ...options)).code, 0);
  git(bare, 'branch', '-m', 'main', 'trunk');
  git(checkout, 'branch', '-m', 'main', 'trunk');
  for (const [fleet, options, repository] of fleets) {
    const tip = git(repository, 'rev-parse', 'trunk');
    for (const time of ['first', 'second']) {
      const { code, said } = await bmcron(fleet, ...options);
      assert.is(code, 3, `${fleet}, ${time}: ${said}`);
      assert.match(said, /main/);
      assert.match(said, /trunk/);
    }
    assert.is(branches(repository), 'trunk');
    assert.is(git(repository, 'rev-parse', 'trunk'), tip);
  }
  at.remove();
});

test.run();
