// N06, N08, N09: a controller that is killed at any moment loses no fact, and tells none under two names.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createGitFolder, until, workTree } from '../support/git-folder.ts';
import { daily, machines } from '../support/manifests.ts';
import { openTestReceiver, type TestReceiver } from '../support/receiver.ts';

const CHILD = join(import.meta.dirname, 'child.ts');
const JOBS = 12;
const KILLS = 2;
const SETTINGS = {
  WorkerPoolSize: JOBS,
  Notifications: [{ Name: 'oncall', Format: 'Webhook', SecretRef: 'oncall', GroupWait: '0s', On: ['RunFailed'] }],
};

/** Jobs that somebody asks for: each runs as soon as a controller sees it, and never twice. */
function jobs(): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'bmcron.yaml': JSON.stringify(SETTINGS) };
  for (let job = 1; job <= JOBS; job += 1) {
    const Machines = [`machine-${job}`];
    files[`jobs/job-${job}.yaml`] = daily({ Name: `Job ${job}`, Machines, more: { Trigger: `go-${job}` } });
  }
  return files;
}

/** Which notice told which fact: fact → names of notices; `taken` alone where the receiver said so. */
function told({ calls }: TestReceiver, taken: ReadonlySet<number>) {
  const found = new Map<string, Set<string>>();
  const sure = new Set<string>();
  for (const [index, { body, headers }] of calls.entries()) {
    for (const { Key } of JSON.parse(body).Facts as readonly { readonly Key: string }[]) {
      found.set(Key, (found.get(Key) ?? new Set()).add(String(headers['idempotency-key'])));
      if (taken.has(index)) sure.add(Key);
    }
  }
  return { found, sure };
}

test('a controller that is killed loses no notice, and repeats one under its name alone', async () => {
  const at = createGitFolder();
  const receiver = await openTestReceiver();
  const children: ChildProcess[] = [];
  try {
    const fleet = workTree(at.path('fleet'), { ...machines(JOBS), ...jobs() });
    const environment = { ...process.env, BMCRON_ONCALL_URL: receiver.url, BMCRON_ONCALL_CA_CRT: receiver.ca };
    const began = String(Date.now());
    const start = async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', CHILD, fleet, at.path('state'), began], {
        env: { ...environment, BMCRON_ONCALL_TOKEN: 't0ken-of-mine' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      await once(child.stdout ?? child, 'data');
      return child;
    };
    const taken = new Set<number>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = receiver.calls.length;
      receiver.answers = kill === 1 ? { status: 503 } : 'cut'; // its answer is lost, or it is away
      const child = await start();
      await until(() => receiver.calls.length > before);
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    receiver.answers = { status: 200 };
    const sureFrom = receiver.calls.length;
    const last = await start();
    await until(() => {
      for (let index = sureFrom; index < receiver.calls.length; index += 1) taken.add(index);
      return told(receiver, taken).sure.size === JOBS;
    });
    last.kill('SIGTERM');
    await once(last, 'close');
    const { found } = told(receiver, taken);
    assert.is(found.size, JOBS);
    assert.ok(
      receiver.calls.every(({ body }) => JSON.parse(body).Facts[0].Run.Who === 'Ada'),
      'N12',
    );
    for (const [fact, names] of found) assert.is(names.size, 1, `${fact} was told as ${[...names]}`);
    const names = receiver.calls.map(({ headers }) => headers['idempotency-key']);
    assert.ok(new Set(names).size < names.length, 'what may have been lost was sent again');
    const kept = readFileSync(at.path('state', 'notices.json'), 'utf8');
    for (const secret of ['s3cret-path', 't0ken-of-mine']) assert.not.ok(kept.includes(secret), 'R43');
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await receiver.close();
    at.remove();
  }
});

test.run();
