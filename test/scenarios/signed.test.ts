// Status files that somebody forged who may push, but not sign (#20.A3): with a journal and without, in both modes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CreateSystem, facts, type TestSystem } from '../support/controller.ts';
import { git } from '../support/git-folder.ts';
import { daily, once } from '../support/manifests.ts';
import { createSigned as createSignedSystem, startAnew } from '../support/signed-system.ts';
import { systemTest } from './scenario.ts';

const FILES = { 'jobs/nightly.yaml': daily({ more: { Trigger: 'first' } }), 'jobs/once.yaml': once() };

const createSigned = (create: CreateSystem) => createSignedSystem(create, FILES);

/** Somebody's commit without a signature, with a watermark of a controller that does not exist beside it. */
function forge(system: TestSystem, files: Readonly<Record<string, string | null>>, message?: string): string {
  system.git('config', 'commit.gpgSign', 'false');
  const mark = { '.bmcron/forged-1.json': '{"hi":1,"digest":"00000000"}\n' };
  const commit = system.commit({ ...files, ...mark }, message);
  system.git('config', 'commit.gpgSign', 'true');
  return commit;
}

/** The text of a status file as published, edited. */
function edited(system: TestSystem, job: string, ...edits: readonly (readonly [RegExp, string])[]) {
  system.git('pull', '--quiet', '--rebase', 'origin', 'main');
  const path = `jobs/${job}.status.yaml`;
  const text = edits.reduce((all, [was, is]) => all.replace(was, is), `${system.git('show', `HEAD:${path}`)}\n`);
  return { [path]: text };
}

/** What a mimic of a controller would say. */
const MIMIC = 'bmcron: status of 1 manifest\n\nBmcron-Controller: forged-1\nBmcron-Seq: 1-1';

const told = (system: TestSystem) => system.of('unreadable').map(({ file }) => file);

/** Time passes until the first trigger, the Once job and its first night have run: 3 runs. */
async function lived(system: TestSystem): Promise<void> {
  await system.advance('2026-03-10T22:30:00Z');
  assert.is(system.runs().length, 3);
}

systemTest('#20.A3 R45 the service signs what it commits, with its own key', async (create) => {
  const system = await createSigned(create);
  await lived(system);
  const signers = `gpg.ssh.allowedSignersFile=${system.stateDir}/own-signers`;
  const printed = git(system.bare, '-c', signers, 'log', '--author=bmcron', '--format=%G? %an <%cn>', 'main');
  assert.equal([...new Set(printed.split('\n'))], ['G bmcron <bmcron>']);
});

systemTest('#20.A3 what the service itself has signed is believed by the next host', async (create) => {
  const system = await createSigned(create);
  await lived(system);
  const left = ['nightly', 'once'].map((job) => system.status(job));
  await system.stop();
  await startAnew(system);
  await system.advance('2026-03-11T21:00:00Z');
  assert.equal(
    ['nightly', 'once'].map((job) => system.status(job)),
    left,
  );
  assert.equal([system.runs().length, told(system)], [3, []]);
});

for (const [what, message] of [
  ['a person', 'edit'],
  ['who says to be a controller', MIMIC],
] as const) {
  for (const [title, edits] of [
    ['a past NextRunTime', [[/NextRunTime: .*/, 'NextRunTime: 2026-03-10T22:31:00Z']]],
    ['a NextRunTime in 2098', [[/NextRunTime: .*/, 'NextRunTime: 2098-03-10T22:00:00Z']]],
    ['no LastTrigger', [[/LastTrigger:\n( .*\n)+/, 'LastTrigger: null\n']]],
  ] as const) {
    systemTest(
      `#20.A3 signed mode, no state folder: ${title}, by ${what}, runs nothing and holds nothing up`,
      async (create) => {
        const system = await createSigned(create);
        await lived(system);
        await system.stop();
        const counted = [/ExecutionCount: .*/, 'ExecutionCount: 777'] as const;
        forge(system, edited(system, 'nightly', ...edits, counted), message);
        await startAnew(system);
        await system.advance('2026-03-11T21:00:00Z');
        assert.equal(system.runs().length, 3, `${system.runs()}`);
        assert.equal(told(system), ['jobs/nightly.status.yaml']);
        assert.not.equal(system.status('nightly').ExecutionCount, 777);
        assert.is(system.status('nightly').LastTrigger?.Outcome, 'Refused', 'the token counts as used');
        await system.advance('2026-03-11T22:10:00Z');
        assert.is(system.runs('nightly').length, 3);
      },
    );
  }
}

systemTest(
  '#20.A3 signed mode, no state folder: a status file that was taken away arms nothing again',
  async (create) => {
    const system = await createSigned(create);
    await lived(system);
    await system.stop();
    forge(system, { 'jobs/once.status.yaml': null, 'jobs/nightly.status.yaml': null });
    await startAnew(system);
    await system.advance('2026-03-11T21:00:00Z');
    assert.is(system.runs().length, 3, `${system.runs()}`);
    assert.equal(told(system).sort(), ['jobs/nightly.status.yaml', 'jobs/once.status.yaml']);
    assert.is(system.status('once').NextRunTime, null);
  },
);

systemTest(
  'R45 signed mode, no state folder: an older signed status joined to the newest runs no token again',
  async (create) => {
    const system = await createSigned(create);
    await lived(system);
    system.git('pull', '--quiet', '--rebase', 'origin', 'main');
    const old = system.git('rev-parse', 'HEAD');
    system.commit({ 'jobs/nightly.yaml': daily({ more: { Trigger: 'second' } }) });
    await system.reconcile();
    await system.advance(60_000);
    assert.is(system.runs().length, 4);
    await system.stop();
    system.git('fetch', '--quiet', 'origin', 'main');
    const merge = system.git('commit-tree', `${old}^{tree}`, '-p', 'origin/main', '-p', old, '-m', 'merge');
    system.git('push', '--quiet', 'origin', `${merge}:main`);
    await startAnew(system);
    await system.advance('2026-03-11T21:00:00Z');
    assert.is(system.runs().length, 4, `${system.runs()}`);
    assert.equal(told(system), ['jobs/nightly.status.yaml']);
  },
);

systemTest('#20.A3 last good is what verifies: a status file names no commit that nobody signed', async (create) => {
  const system = await createSigned(create);
  await lived(system);
  await system.stop();
  system.commit({ 'jobs/nightly.yaml': daily({ Profile: 'Nonsense', more: { Nonsense: 1 } }) });
  const evil = forge(system, { 'jobs/nightly.yaml': daily({ Profile: 'Performance' }) });
  const swap = [/PowerSaver/g, 'Performance'] as const;
  forge(system, edited(system, 'nightly', swap, [/AppliedCommit: .*/, `AppliedCommit: ${evil}`]));
  await startAnew(system);
  await system.advance('2026-03-11T22:10:00Z');
  assert.is(system.runs('nightly').length, 3, 'what was signed last goes on');
  const results = system
    .logs()
    .flatMap((path) => (path.includes('/nightly_') ? [JSON.stringify(system.log(path).Result)] : []));
  assert.equal([...new Set(results.map((text) => /"NewProfile":"(\w+)"/.exec(text)?.[1]))].sort(), ['PowerSaver']);
  assert.match(JSON.stringify(system.status('nightly').Payload), 'PowerSaver');
});

for (const isSigned of [true, false]) {
  const mode = isSigned ? 'signed mode' : 'any mode';
  const started = (create: CreateSystem) => (isSigned ? createSigned(create) : create({ remote: true, files: FILES }));

  systemTest(
    `#20.A3 R37 ${mode}: a forged status is put right while the service runs, and no rival is told of`,
    async (create) => {
      const system = await started(create);
      await lived(system);
      const left = facts(system, 'nightly');
      forge(system, edited(system, 'nightly', [/NextRunTime: .*/, 'NextRunTime: 2098-03-10T22:00:00Z']));
      await system.reconcile();
      await system.advance(60_000);
      assert.equal(facts(system, 'nightly'), left);
      const kinds = system.of('git').map(({ detail }) => detail.kind);
      assert.equal([kinds.includes('Overridden'), kinds.includes('RivalController')], [true, false]);
      await system.advance('2026-03-11T22:10:00Z');
      assert.is(system.runs('nightly').length, 3);
    },
  );

  systemTest(
    `#20.A3 R37 ${mode}: at a start with the journal a forged status is not another controller's`,
    async (create) => {
      const system = await started(create);
      await lived(system);
      const left = system.status('nightly');
      await system.stop();
      forge(system, edited(system, 'nightly', [/NextRunTime: .*/, 'NextRunTime: 2098-03-10T22:00:00Z']));
      await system.start();
      await system.advance(60_000);
      assert.equal(system.status('nightly'), left);
      assert.equal(facts(system, 'nightly')?.['NextRunTime'], left.NextRunTime);
    },
  );
}

systemTest(
  '#20.A3 signed mode: who says to be a controller is none: its facts are put right while running',
  async (create) => {
    const system = await createSigned(create);
    await lived(system);
    const left = facts(system, 'nightly');
    forge(system, edited(system, 'nightly', [/ExecutionCount: .*/, 'ExecutionCount: 777']), MIMIC);
    await system.reconcile();
    await system.advance(60_000);
    assert.equal(facts(system, 'nightly'), left);
  },
);

systemTest(
  '#20.A3 R37 any mode, no state folder: what a person edited after the service wrote runs nothing',
  async (create) => {
    const system = await create({ remote: true, files: FILES });
    await lived(system);
    await system.stop();
    const past = [/NextRunTime: .*/, 'NextRunTime: 2026-03-10T14:00:00Z'] as const;
    const none = [/LastRun:\n( .*\n)+/, 'LastRun: null\n'] as const;
    forge(system, {
      ...edited(system, 'once', past, none),
      ...edited(system, 'nightly', [/LastTrigger:\n( .*\n)+/, 'LastTrigger: null\n']),
    });
    await startAnew(system);
    await system.advance('2026-03-11T21:00:00Z');
    assert.is(system.runs().length, 3, `${system.runs()}`);
    assert.is(system.status('nightly').LastTrigger?.Token, 'first');
  },
);

test.run();
