import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { staged } from '../scenarios/scenario.ts';
import { git } from '../support/git-folder.ts';
import { daily } from '../support/manifests.ts';

const HOUR_MS = 3_600_000;

staged(
  'F24, R38: a hundred commits of its own: no pass, nothing parsed again, no CI, none without a change',
  async (set) => {
    const stage = await set({
      files: { 'jobs/nightly.yaml': daily() },
      remote: true,
      pullIntervalMs: 10_000,
      standing: () => ({ skipCi: true }),
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
    const parsed = stage.service.manifestCache.latest;
    for (let number = 1; number <= 100; number += 1) {
      await stage.trigger('nightly', `t${number}`);
      await stage.turn(12_000);
    }
    assert.is(commits() - begun, 100);
    assert.ok(stage.of('passed').length - looks >= 100, 'each of them was looked at');
    assert.is(stage.of('reconciled').length, passes);
    assert.is(stage.service.manifestCache.latest, parsed, 'the same readings, not equal ones');
    assert.not.ok(existsSync(ci), 'CI ran for a commit of the service');
    await stage.turn(HOUR_MS);
    assert.is(commits() - begun, 100, 'time alone is no reason for a commit');
    const human = await stage.push({ 'README.md': 'hello\n' });
    assert.is(readFileSync(ci, 'utf8').trim(), human, 'and it runs for a human');
  },
);

test.run();
