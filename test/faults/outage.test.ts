import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemTest } from '../scenarios/scenario.ts';
import { startForge } from '../support/forge.ts';
import { createGitFolder, GIT_ENVIRONMENT, git } from '../support/git-folder.ts';
import { daily } from '../support/manifests.ts';
import { gitProcesses } from '../support/publisher.ts';

const HOUR_MS = 3_600_000;

systemTest(
  'F11: a remote away for hours, in four ways, with runs going on: schedule kept, few commits after',
  async (create) => {
    const at = createGitFolder();
    const config = at.path('gitconfig');
    writeFileSync(config, '');
    const times = ['10:30:00', '11:30:00', '12:30:00', '13:30:00'];
    const jobs = times.map((Time, index) => [`jobs/j${index}.yaml`, daily({ Name: `J${index}`, Time })] as const);
    const forge = await startForge('/');
    try {
      const system = await create({
        files: Object.fromEntries(jobs),
        pullIntervalMs: HOUR_MS / 4,
        gitOptions: (bare) => ({
          location: { fleet: `${forge.url}${bare}`, branch: 'main', timeoutMs: 700 },
          environment: { ...GIT_ENVIRONMENT, GIT_CONFIG_GLOBAL: config },
        }),
      });
      git(system.bare, 'config', 'http.receivepack', 'true');
      await system.advance(60_000);
      const before = Number(git(system.bare, 'rev-list', '--count', 'main'));
      await forge.away();
      await system.advance('2026-03-10T11:00:00Z');
      await forge.back();
      writeFileSync(config, `[url "http://forge.invalid/"]\n\tinsteadOf = ${forge.url}/\n`);
      await system.advance('2026-03-10T12:00:00Z');
      writeFileSync(config, '');
      forge.behaviour.down = 503;
      await system.advance('2026-03-10T13:00:00Z');
      Object.assign(forge.behaviour, { down: null, silent: true });
      await system.advance('2026-03-10T14:00:00Z');
      assert.equal(
        system.runs().map((run) => run.split('@')[1]),
        times.map((time) => `2026-03-10T${time}Z`),
        'all on time',
      );
      assert.is(Number(git(system.bare, 'rev-list', '--count', 'main')), before);
      const told = JSON.stringify(system.of('published'));
      for (const words of [/refused|connect to/i, /resolve host/i, /503/, /no end after/]) assert.match(told, words);
      assert.is(system.of('git').filter(({ detail }) => detail.kind === 'RemoteUnreachable').length, 1, 'told once');
      assert.equal(gitProcesses(system.stateDir), [], 'no helper process is left');
      forge.behaviour.silent = false;
      await system.advance('2026-03-10T14:20:00Z');
      assert.is(system.logs().length, 4);
      const after = Number(git(system.bare, 'rev-list', '--count', 'main'));
      assert.ok(after - before <= 3, `${after - before} commits`);
    } finally {
      await forge.close();
      at.remove();
    }
  },
);

test.run();
