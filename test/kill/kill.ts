import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { LogRecord } from '../../definitions/run-log.ts';
import { createGitFolder, git, remoteAndClone } from '../support/git-folder.ts';
import { daily, machines } from '../support/manifests.ts';
import { ended, pause, ready } from './child-process.ts';

const CHILD = join(import.meta.dirname, 'child.ts');
const MACHINES = 4;
const JOBS = 60;
/** A kill comes at any moment up to so long after the controller is ready, or before it is. */
const LONGEST_LIFE_MS = 900;
const UNBORN = 0.1;

/** What became of a batch. */
export interface Killed {
  readonly kills: number;
  readonly runs: number;
  readonly interrupted: number;
}

/**
 * Kills a real controller so often at random moments of real runs, lets the last one come to its end, and holds what
 * it wrote against what its BMCs heard (R23, R24). @throws Assertion
 */
export async function killOften(kills: number): Promise<Killed> {
  const folder = createGitFolder();
  try {
    const heard = folder.path('heard');
    writeFileSync(heard, '');
    mkdirSync(folder.path('state'), { recursive: true });
    const seconds = 5 + Math.ceil(kills * 1.5);
    const { bare } = remoteAndClone(folder, { ...machines(MACHINES), ...jobs(seconds) });
    const start = () => spawn(process.execPath, ['--import', 'tsx', CHILD, bare, folder.path('state'), heard]);
    for (let kill = 0; kill < kills; kill += 1) {
      const child = start();
      if (Math.random() > UNBORN) await ready(child);
      await pause(Math.random() * LONGEST_LIFE_MS);
      child.kill('SIGKILL');
      await ended(child);
    }
    const last = start();
    await ready(last);
    const lines = () => readFileSync(heard, 'utf8').split('\n').length;
    for (let was = -1; was !== lines(); await pause(2 * LONGEST_LIFE_MS)) was = lines();
    last.kill('SIGTERM');
    assert.is(await ended(last), 0, 'R30 a stop ends with 0');
    return compare(kills, bare, readFileSync(heard, 'utf8'));
  } finally {
    folder.remove();
  }
}

/** Jobs that fall due one after the other for so many seconds from now, then not again for most of a day. */
function jobs(seconds: number): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'bmcron.yaml': 'WorkerPoolSize: 8\n' };
  const begin = Date.now() + 1000;
  for (let job = 0; job < JOBS; job += 1) {
    const due = new Date(begin + (job * seconds * 1000) / JOBS).toISOString().slice(11, 19);
    const Machines = Array.from({ length: MACHINES }, (_, index) => `machine-${index + 1}`);
    files[`jobs/job-${job}.yaml`] = daily({ Name: `Job ${job}`, Time: due, Machines });
  }
  return files;
}

/** Holds the logs against what the BMCs heard. */
function compare(kills: number, bare: string, heard: string): Killed {
  const begun = new Set<string>();
  const done = new Set<string>();
  for (const line of heard.trimEnd().split('\n')) {
    const [what = '', name = ''] = line.split(' ');
    const part = name.replace(/@[^/]*/, '');
    assert.not.ok(what === 'begin' && begun.has(part), `R23 ${name} was carried out twice`);
    (what === 'begin' ? begun : done).add(part);
  }
  const logs = new Map<string, LogRecord>();
  const paths = git(bare, 'ls-tree', '-r', '--name-only', 'main', 'logs/').split('\n');
  for (const path of paths) {
    const log = JSON.parse(git(bare, 'show', `main:${path}`)) as LogRecord;
    const part = `${log.JobID}/${log.MachineID}`;
    assert.not.ok(logs.has(part), `R33 ${part} has two logs`);
    logs.set(part, log);
  }
  for (const part of begun) assert.ok(logs.has(part), `R24 ${part} began and has no log`);
  let interrupted = 0;
  for (const [part, log] of logs) {
    if (log.Status === 'success') assert.ok(done.has(part), `${part} is logged as done and never ended`);
    else {
      assert.match(log.Error ?? '', 'interrupted');
      interrupted += 1;
    }
  }
  assert.is(logs.size % MACHINES, 0, 'R24 a log for each machine of each run');
  return { kills, runs: logs.size / MACHINES, interrupted };
}
