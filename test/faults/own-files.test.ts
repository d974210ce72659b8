import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemTest } from '../scenarios/scenario.ts';
import { git } from '../support/git-folder.ts';
import { daily } from '../support/manifests.ts';

const HOUR_MS = 3_600_000;

systemTest(
  'F24, R38: a hundred commits of its own: no pass, nothing parsed again, no CI, none without a change',
  async (create) => {
    const system = await create({
      files: { 'jobs/nightly.yaml': daily() },
      remote: true,
      pullIntervalMs: 10_000,
      gitOptions: () => ({ skipCI: true }),
    });
    await system.advance(60_000);
    // A forge's CI, as they all do it: it looks at the pushed commit's message.
    const ci = join(system.bare, 'ci.log');
    mkdirSync(join(system.bare, 'hooks'), { recursive: true });
    const hook = join(system.bare, 'hooks', 'post-receive');
    const asks = `git log -1 --format=%B "$new" | grep -qF '[skip ci]' || echo "$new" >> ${ci}`;
    writeFileSync(hook, `#!/bin/sh\nwhile read -r old new ref; do ${asks}; done\n`);
    chmodSync(hook, 0o755);
    const commits = () => Number(git(system.bare, 'rev-list', '--count', '--author=bmcron', 'main'));
    const [begun, passes, looks] = [commits(), system.of('reconciled').length, system.of('passed').length];
    const parsed = system.service.manifestCache.latest;
    for (let number = 1; number <= 100; number += 1) {
      await system.trigger('nightly', `t${number}`);
      await system.advance(12_000);
    }
    assert.is(commits() - begun, 100);
    assert.ok(system.of('passed').length - looks >= 100, 'each of them was looked at');
    assert.is(system.of('reconciled').length, passes);
    assert.is(system.service.manifestCache.latest, parsed, 'the same readings, not equal ones');
    assert.not.ok(existsSync(ci), 'CI ran for a commit of the service');
    await system.advance(HOUR_MS);
    assert.is(commits() - begun, 100, 'time alone is no reason for a commit');
    const human = await system.push({ 'README.md': 'hello\n' });
    assert.is(readFileSync(ci, 'utf8').trim(), human, 'and it runs for a human');
  },
);

test.run();
