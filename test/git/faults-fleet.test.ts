import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { daily } from '../scenario/manifests.ts';
import { staged } from '../scenario/scenario.ts';
import type { Stage } from '../scenario/stage.ts';
import { startForge } from './forge.ts';
import { GIT_ENVIRONMENT, git, ground } from './ground.ts';
import { helpers } from './service.ts';

const HOUR_MS = 3_600_000;
const SPOILT = 'jobs/spoilt.yaml';
const GOOD = daily({ Name: 'Spoilt', Time: '11:00:00' });

/** Ways in which one manifest cannot be read. */
const SPOILS: Readonly<Record<string, (stage: Stage) => void>> = {
  'invalid YAML': (stage) => void stage.commit({ [SPOILT]: 'Name: [\n', 'jobs/other.yaml': OTHER }),
  'a file of 5 MB': (stage) =>
    void stage.commit({ [SPOILT]: `${GOOD}# ${'x'.repeat(5 << 20)}\n`, 'jobs/other.yaml': OTHER }),
  'a submodule in its place': (stage) => {
    stage.commit({ [SPOILT]: null, 'jobs/other.yaml': OTHER });
    stage.git('update-index', '--add', '--cacheinfo', `160000,${stage.git('rev-parse', 'HEAD')},${SPOILT}`);
    stage.git('commit', '--quiet', '--amend', '--no-edit');
    stage.git('push', '--quiet', '--force', 'origin', 'main');
  },
};
const OTHER = daily({ Name: 'Other', Time: '12:00:00', Machines: ['machine-2'] });

for (const [what, spoil] of Object.entries(SPOILS)) {
  staged(`F22: ${what}: that job alone is degraded, runs as it did, and recovers when it is put right`, async (set) => {
    const files = { [SPOILT]: GOOD, 'jobs/other.yaml': daily({ Name: 'Other', Machines: ['machine-2'] }) };
    const stage = await set({ files });
    const valid = (job: string) => stage.status(job).Conditions.find(({ Type }) => Type === 'Valid')?.Status;
    const before = stage.status('spoilt');
    assert.is(valid('spoilt'), 'True');
    spoil(stage);
    await stage.pass();
    assert.is(valid('spoilt'), 'False');
    assert.is(valid('other'), 'True');
    assert.is(stage.status('other').NextRunTime, '2026-03-10T12:00:00Z', 'the others are reconciled');
    assert.is(stage.status('spoilt').NextRunTime, before.NextRunTime);
    await stage.turn('2026-03-10T12:30:00Z');
    assert.equal(
      stage.bmcs.carried.map(({ part }) => part.job),
      ['spoilt', 'other'],
      'the last good version runs',
    );
    assert.match(JSON.stringify(stage.published('jobs/spoilt.status.yaml')), '"Status":"False"');
    stage.git('rm', '--quiet', '--cached', SPOILT);
    stage.git('commit', '--quiet', '-m', 'away with it');
    stage.git('reset', '--quiet', '--hard');
    await stage.push({ [SPOILT]: daily({ Name: 'Spoilt', Time: '13:00:00' }) });
    assert.is(valid('spoilt'), 'True');
    await stage.turn('2026-03-10T13:30:00Z');
    assert.equal(stage.runs('spoilt').length, 2);
  });
}

staged(
  'F24: a hundred commits of its own: no pass, nothing parsed again, no CI, none without a change',
  async (set) => {
    const stage = await set({
      files: { 'jobs/nightly.yaml': daily() },
      ...{ remote: true, pullIntervalMs: 10_000, standing: () => ({ skipCi: true }) },
    });
    await stage.turn(60_000);
    // A forge's CI, as they all do it: it looks at the pushed commit's message.
    const ci = join(stage.bare, 'ci.log');
    mkdirSync(join(stage.bare, 'hooks'), { recursive: true });
    const hook = join(stage.bare, 'hooks', 'post-receive');
    const asks = `git log -1 --format=%B "$new" | grep -qF '[skip ci]' || echo "$new" >> ${ci}`;
    writeFileSync(hook, `#!/bin/sh\nwhile read -r old new ref; do ${asks}; done\n`);
    chmodSync(hook, 0o755);
    const commits = () => Number(git(stage.bare, 'rev-list', '--count', '--author=bmcron', 'main'));
    const [begun, passes, looks] = [commits(), stage.of('reconciled').length, stage.of('passed').length];
    const parsed = stage.assembly.readings.latest;
    for (let number = 1; number <= 100; number += 1) {
      await stage.trigger('nightly', `t${number}`);
      await stage.turn(12_000);
    }
    assert.is(commits() - begun, 100);
    assert.ok(stage.of('passed').length - looks >= 100, 'each of them was looked at');
    assert.is(stage.of('reconciled').length, passes);
    assert.is(stage.assembly.readings.latest, parsed, 'the same readings, not equal ones');
    assert.not.ok(existsSync(ci), 'CI ran for a commit of the service');
    await stage.turn(HOUR_MS);
    assert.is(commits() - begun, 100, 'time alone is no reason for a commit');
    const human = await stage.push({ 'README.md': 'hello\n' });
    assert.is(readFileSync(ci, 'utf8').trim(), human, 'and it runs for a human');
  },
);

staged(
  'F11: a remote away for hours, in four ways, with runs going on: schedule kept, few commits after',
  async (set) => {
    const at = ground();
    const config = at.path('gitconfig');
    writeFileSync(config, '');
    const times = ['10:30:00', '11:30:00', '12:30:00', '13:30:00'];
    const jobs = times.map((Time, index) => [`jobs/j${index}.yaml`, daily({ Name: `J${index}`, Time })] as const);
    const forge = await startForge('/');
    try {
      const stage = await set({
        files: Object.fromEntries(jobs),
        pullIntervalMs: HOUR_MS / 4,
        standing: (bare) => ({
          fleet: `${forge.url}${bare}`,
          timeoutMs: 700,
          environment: { ...GIT_ENVIRONMENT, GIT_CONFIG_GLOBAL: config },
        }),
      });
      git(stage.bare, 'config', 'http.receivepack', 'true');
      await stage.turn(60_000);
      const before = Number(git(stage.bare, 'rev-list', '--count', 'main'));
      await forge.away();
      await stage.turn('2026-03-10T11:00:00Z');
      await forge.back();
      writeFileSync(config, `[url "http://forge.invalid/"]\n\tinsteadOf = ${forge.url}/\n`);
      await stage.turn('2026-03-10T12:00:00Z');
      writeFileSync(config, '');
      forge.mood.down = 503;
      await stage.turn('2026-03-10T13:00:00Z');
      Object.assign(forge.mood, { down: null, silent: true });
      await stage.turn('2026-03-10T14:00:00Z');
      assert.equal(
        stage.runs().map((run) => run.split('@')[1]),
        times.map((time) => `2026-03-10T${time}Z`),
        'all on time',
      );
      assert.is(Number(git(stage.bare, 'rev-list', '--count', 'main')), before);
      const told = JSON.stringify(stage.of('published'));
      for (const words of [/refused|connect to/i, /resolve host/i, /503/, /no end after/]) assert.match(told, words);
      assert.is(stage.of('git').filter(({ detail }) => detail.kind === 'RemoteUnreachable').length, 1, 'told once');
      assert.equal(helpers(stage.stateDir), [], 'no helper process is left');
      forge.mood.silent = false;
      await stage.turn('2026-03-10T14:20:00Z');
      assert.is(stage.logs().length, 4);
      const after = Number(git(stage.bare, 'rev-list', '--count', 'main'));
      assert.ok(after - before <= 3, `${after - before} commits`);
    } finally {
      await forge.close();
      at.remove();
    }
  },
);

test.run();
