import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressesOf, holdsOf } from '../../controller/server/views/page-service.ts';
import type { Job } from '../../definitions/job.ts';
import { createGuardState } from '../../definitions/lifecycle/guard-state.ts';

const PLACE = { branch: 'main', prefix: '' };

/** Where commits are, a manifest at commit `c0ffee`, and a log. */
const FORGES: readonly (readonly [url: string, commits: string, manifest: string, log: string])[] = [
  [
    'git@github.com:o/r.git',
    'https://github.com/o/r/commit/',
    'https://github.com/o/r/blob/c0ffee/jobs/a.yaml',
    'https://github.com/o/r/blob/main/logs/a.json',
  ],
  [
    'ssh://git@gitlab.example.org:2222/g/s/r.git',
    'https://gitlab.example.org/g/s/r/-/commit/',
    'https://gitlab.example.org/g/s/r/-/blob/c0ffee/jobs/a.yaml',
    'https://gitlab.example.org/g/s/r/-/blob/main/logs/a.json',
  ],
  [
    'https://gitea.example.org/o/r',
    'https://gitea.example.org/o/r/commit/',
    'https://gitea.example.org/o/r/src/commit/c0ffee/jobs/a.yaml',
    'https://gitea.example.org/o/r/src/branch/main/logs/a.json',
  ],
  [
    'https://git.sr.ht/~o/r',
    'https://git.sr.ht/~o/r/commit/',
    'https://git.sr.ht/~o/r/tree/c0ffee/item/jobs/a.yaml',
    'https://git.sr.ht/~o/r/tree/main/item/logs/a.json',
  ],
];
for (const [url, commits, manifest, log] of FORGES) {
  test(`where a forge shows ${url}`, () => {
    const forge = addressesOf(url, PLACE);
    assert.is(forge?.commits, commits);
    assert.is(forge?.manifests.join('c0ffee').concat('jobs/a.yaml'), manifest);
    assert.is(forge?.logs.concat('logs/a.json'), log);
  });
}

test('a folder in the repository and a branch of another name are part of the addresses', () => {
  const forge = addressesOf('https://github.com/o/r', { branch: 'bot/status #1', prefix: 'a b/c/' });
  assert.equal(forge?.manifests, ['https://github.com/o/r/blob/', '/a%20b/c/']);
  assert.is(forge?.logs, 'https://github.com/o/r/blob/bot/status%20%231/a%20b/c/');
});

test('where no forge is known there are no addresses', () => assert.is(addressesOf('/srv/fleet.git', PLACE), null));

test('what holds everything back, or whole classes, is told', () => {
  const guards = createGuardState();
  const spec = {
    Name: 'Restart',
    Action: 'ResetSystem',
    Payload: [{ SystemID: 'system', Payload: { ResetType: 'GracefulRestart' } }],
    Schedule: { Type: 'Once', Time: '22:00:00' },
  } as const;
  const source = { file: 'jobs/restart.yaml', document: 0, blob: 'b' };
  const job: Job = { id: 'restart', spec, machines: ['m1'], version: 'v', source, commit: 'c' };
  const agenda = { jobs: new Map([['restart', job]]) };
  assert.equal(holdsOf({ agenda, gates: () => ({ guards, isHeld: false }) }), []);
  guards.recallBreaker({ opened: '2026-03-10T22:00:00Z', resumed: null });
  const [hold, breaker = '', ...others] = holdsOf({ agenda, gates: () => ({ guards, isHeld: true }) });
  assert.is(hold, 'the hold file exists: nothing begins');
  assert.match(breaker, /Host.* begin nothing: the breaker is open since 2026-03-10T22:00:00Z/);
  assert.equal(others, []);
});

test.run();
