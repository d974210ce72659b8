import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commit, createGitFolder, git, remoteAndClone, until } from './support/git-folder.ts';
import { daily, machines } from './support/manifests.ts';

const CHILD = join(import.meta.dirname, 'kill/child.ts');

interface Service {
  readonly child: ChildProcess;
  readonly bare: string;
  readonly human: string;
  /** How it ended: an exit code, or a signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** What its BMCs heard. */
  heard(): string;
  restart(): Service;
}

/** A real controller whose job has a token, so that a run begins at once; its BMC takes so long. */
async function serving(tookMs: number, play: (service: Service) => Promise<void>): Promise<void> {
  const place = createGitFolder();
  const children: ChildProcess[] = [];
  try {
    const [state, heard] = [place.path('state'), place.path('heard')];
    mkdirSync(state);
    writeFileSync(heard, '');
    const files = { ...machines(1), 'bmcron.yaml': 'ShutdownTimeout: 2s\n', 'jobs/a.yaml': daily() };
    const { bare, human } = remoteAndClone(place, files);
    const start = (): Service => {
      const child = spawn(process.execPath, ['--import', 'tsx', CHILD, bare, state, heard, String(tookMs)]);
      children.push(child);
      const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
        child.once('close', (code, signal) => resolve(code ?? signal));
      });
      return { child, bare, human, ended, heard: () => readFileSync(heard, 'utf8'), restart: start };
    };
    await play(await readied(start()));
  } finally {
    for (const child of children) child.kill('SIGKILL');
    place.remove();
  }
}

async function readied(service: Service): Promise<Service> {
  await new Promise<void>((resolve) => service.child.stdout?.once('data', () => resolve()));
  return service;
}

function push({ human }: Service, more: Readonly<Record<string, string>>): void {
  git(human, 'pull', '--quiet', '--rebase', 'origin', 'main');
  commit(human, { 'jobs/a.yaml': daily({ more }) });
  git(human, 'push', '--quiet', 'origin', 'main');
}

const errors = ({ bare }: Service) => {
  const paths = git(bare, 'ls-tree', '-r', '--name-only', 'main', 'logs/').split('\n').filter(Boolean);
  return paths.map((path) => (JSON.parse(git(bare, 'show', `main:${path}`)) as { Error: string | null }).Error);
};

test('R30 SIGTERM: a run that ends within ShutdownTimeout is finished and public, exit code 0', () =>
  serving(700, async (service) => {
    push(service, { Trigger: 't1' });
    await until(() => service.heard().includes('begin'));
    service.child.kill('SIGTERM');
    assert.is(await service.ended, 0);
    assert.equal(errors(service), [null]);
  }));

test('R30 SIGTERM: past ShutdownTimeout a run is recorded as interrupted, and public, exit code 0', () =>
  serving(600_000, async (service) => {
    push(service, { Trigger: 't1' });
    await until(() => service.heard().includes('begin'));
    service.child.kill('SIGTERM');
    assert.is(await service.ended, 0);
    const [error, ...others] = errors(service);
    assert.match(error ?? '', 'interrupted');
    assert.equal(others, []);
  }));

test('R30 a second SIGINT ends it at once, the journal is true: the next start says interrupted, repeats nothing', () =>
  serving(600_000, async (service) => {
    push(service, { Trigger: 't1' });
    await until(() => service.heard().includes('begin'));
    service.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 300)); // less is one keypress
    service.child.kill('SIGINT');
    assert.is(await service.ended, 130);
    const next = await readied(service.restart());
    await until(() => errors(next).length === 1);
    assert.match(errors(next)[0] ?? '', 'interrupted');
    next.child.kill('SIGTERM');
    assert.is(await next.ended, 0);
    assert.is(next.heard().match(/begin/g)?.length, 1);
  }));

test('R30 SIGHUP makes a pass', () =>
  serving(10, async (service) => {
    push(service, { Trigger: 't1' });
    service.child.kill('SIGHUP');
    await until(() => service.heard().includes('end'));
    service.child.kill('SIGTERM');
    assert.is(await service.ended, 0);
  }));

test.run();
