import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts } from '../support/controller.ts';
import { daily, machine } from '../support/manifests.ts';
import { ALL, AMS, carried, FROZEN, fleet, missed, oneByOne, page, readyOf, wait, window } from '../support/windows.ts';
import { systemTest } from './scenario.ts';

systemTest(
  '#16.2 R55 F09 Wait: blocked parts begin at the opening, once, and hold nothing meanwhile',
  async (create) => {
    const files = {
      ...fleet,
      'jobs/a.yaml': daily({ ...ALL, ...wait }),
      'windows/w.yaml': window({ To: '2026-03-11T08:00:00', Applies: AMS }),
    };
    const system = await create({ files });
    await system.advance('2026-03-11T00:00:00Z');
    assert.equal(carried(system), ['a machine-3 03-10T22:00']);
    const { runner, connections } = system.service;
    assert.equal([runner.running, runner.waiting, connections.active, connections.away], [0, 1, 0, 0]);
    assert.is(system.status('a').Status, 'Running');
    await system.advance('2026-03-11T08:01:00Z');
    assert.equal(
      carried(system)
        .map((line) => line.split(' ')[1])
        .sort(),
      ['machine-1', 'machine-2', 'machine-3'],
    );
    const { Status, LastRun, NextRunTime } = system.status('a');
    assert.equal(
      [Status, LastRun?.Succeeded, LastRun?.Skipped, NextRunTime],
      ['Completed', 3, undefined, '2026-03-11T22:00:00Z'],
    );
  },
);

systemTest('#16.2 R55 F09 Wait: what waits makes room for the next run of its job', async (create) => {
  const files = { ...fleet, 'jobs/a.yaml': daily({ ...ALL, ...wait }), 'windows/w.yaml': window({ Applies: AMS }) };
  const system = await create({ files });
  await system.advance('2026-03-11T22:00:30Z');
  assert.equal(
    carried(system),
    ['a machine-3 03-10T22:00', 'a machine-3 03-11T22:00'],
    'each night, as if there were no freeze',
  );
  assert.equal(missed(system, 'a'), []);
  assert.equal(
    system.of('skipped').map(({ machine, message }) => `${machine} ${message}`),
    [
      'machine-1 Overtaken by the run of 2026-03-11T22:00:00Z',
      'machine-2 Overtaken by the run of 2026-03-11T22:00:00Z',
    ],
  );
});

for (const [title, change, why] of [
  ['edited', { 'jobs/a.yaml': daily({ ...ALL, ...wait, Profile: 'Performance' }) }, 'Withdrawn, its job was edited'],
  [
    'suspended',
    { 'jobs/a.yaml': daily({ ...ALL, more: { OnBlocked: 'Wait', Suspend: true } }) },
    'Withdrawn, its job was suspended',
  ],
  ['deleted', { 'jobs/a.yaml': null }, 'Withdrawn, its job is gone'],
] as const) {
  systemTest(`#16.2 R55 F09 Wait: a job that is ${title} while its parts wait begins none of them`, async (create) => {
    const files = { ...fleet, 'jobs/a.yaml': daily({ ...ALL, ...wait }), 'windows/w.yaml': window({ Applies: AMS }) };
    const system = await create({ files });
    await system.advance('2026-03-10T23:00:00Z');
    await system.push(change);
    await system.advance('2026-03-10T23:01:00Z');
    assert.equal(
      system.of('skipped').map(({ message }) => message),
      [why, why],
    );
    assert.is(system.of('finished').length, 1);
  });
}

systemTest(
  '#16.2 R55 F11 Wait: all wake at the end of the freeze, spread over a minute, in the order of their times',
  async (create) => {
    const jobs = ['18:00:00', '20:00:00', '22:00:00', '16:00:00'].map((Time, index) => [
      `jobs/j${index}.yaml`,
      daily({ Time, Machines: [`machine-${index + 1}`], ...wait }),
    ]);
    const system = await create({
      files: {
        ...fleet,
        'machines/four.yaml': machine('machine-4'),
        ...Object.fromEntries(jobs),
        'windows/w.yaml': window(),
      },
    });
    await system.advance('2026-03-12T07:59:59Z');
    assert.equal(carried(system), []);
    assert.equal(
      system
        .of('waiting')
        .map(({ job, reason }) => `${job} ${reason}`)
        .sort(),
      ['j0', 'j1', 'j2', 'j3'].map((job) => `${job} ${FROZEN}`),
      'each is told once',
    );
    const ready = readyOf(system, 'j0');
    assert.equal([ready?.Reason, ready?.Message], ['Waiting', FROZEN]);
    assert.match(page(system), `- \`j0\`: \`${FROZEN}\``);
    await system.advance('2026-03-12T08:01:00Z');
    assert.equal(
      system.bmcs.carried.map(({ part, start }) => `${part.job} ${start.toISOString().slice(11, 19)}`),
      ['j3 08:00:00', 'j0 08:00:15', 'j1 08:00:30', 'j2 08:00:45'],
    );
    assert.equal(
      system.of('started').map(({ job, trigger, nominal }) => `${job} ${trigger} ${nominal}`),
      [
        'j3 CatchUp 2026-03-11T16:00:00Z',
        'j0 CatchUp 2026-03-11T18:00:00Z',
        'j1 CatchUp 2026-03-11T20:00:00Z',
        'j2 CatchUp 2026-03-11T22:00:00Z',
      ],
      'each once, for the latest of its times',
    );
    assert.equal(missed(system, 'j0'), [`2026-03-10T18:00:00Z ${FROZEN}; one run makes up for all that was missed`]);
    assert.is(readyOf(system, 'j0')?.Reason, 'Scheduled');
  },
);

systemTest(
  '#16.2 R22 F11 of what waits for one field of a machine only the last runs when it opens',
  async (create) => {
    const files = {
      'jobs/a.yaml': daily({ Time: '20:00:00', Machines: ['machine-1', 'machine-2'], Profile: 'PowerSaver', ...wait }),
      'jobs/b.yaml': daily({ Time: '21:00:00', Machines: ['machine-2'], Profile: 'Balanced', ...wait }),
      'jobs/c.yaml': daily({ Time: '19:00:00', Machines: ['machine-2'], Profile: 'Performance', ...wait }),
      'jobs/d.yaml': daily({ Time: '18:00:00', Machines: ['machine-3'], Profile: 'Performance', ...wait }),
    };
    const system = await create({ files: { ...fleet, ...files, 'windows/w.yaml': window() } });
    await system.advance('2026-03-12T08:01:00Z');
    assert.equal(carried(system), ['d machine-3 03-12T08:00', 'a machine-1 03-12T08:00', 'b machine-2 03-12T08:00']);
    assert.equal(missed(system, 'c')[0], '2026-03-11T19:00:00Z Superseded by b');
    assert.equal(system.status('a').LastRun?.SkippedMachines, ['machine-2: Superseded by b']);
  },
);

systemTest('#16.2 R22 F11 what has run meanwhile is not undone by what waited', async (create) => {
  const machines = { Machines: ['machine-1'] };
  const files = {
    'jobs/a.yaml': daily({ Time: '20:00:00', ...machines, ...wait }),
    'jobs/b.yaml': daily({ Time: '21:00:00', ...machines }),
  };
  const frozen = window({ To: '2026-03-10T22:00:00', Applies: { Jobs: ['a'] } });
  const system = await create({ files: { ...fleet, ...files, 'windows/w.yaml': frozen } });
  await system.advance('2026-03-10T22:01:30Z');
  assert.equal(carried(system), ['b machine-1 03-10T21:00']);
  assert.equal(missed(system, 'a'), ['2026-03-10T20:00:00Z Superseded by b']);
});

systemTest('#16.2 R55 F11 Wait: not past its StartingDeadline', async (create) => {
  const a = daily({ Schedule: { StartingDeadline: '2h' }, ...wait });
  const system = await create({ files: { ...fleet, 'jobs/a.yaml': a, 'windows/w.yaml': window() } });
  await system.advance('2026-03-11T00:00:02Z');
  assert.equal(missed(system, 'a'), ['2026-03-10T22:00:00Z not started within its StartingDeadline of 2h']);
});

systemTest('#16.2 R55 F11 a freeze that is lifted by a commit: what waits begins at once', async (create) => {
  const files = { ...fleet, 'jobs/a.yaml': daily(wait), 'windows/w.yaml': window() };
  const system = await create({ files });
  await system.advance('2026-03-10T23:00:00Z');
  assert.equal(carried(system), []);
  await system.push({ 'windows/w.yaml': null });
  await system.advance('2026-03-10T23:00:01Z');
  assert.equal(carried(system), ['a machine-1 03-10T23:00']);
});

systemTest('#16.2 R55 F11 what waits goes on waiting after a crash, and after a new clone', async (create) => {
  const system = await create({
    files: { ...fleet, 'jobs/a.yaml': daily(wait), 'windows/w.yaml': window({ To: '2026-03-11T08:00:00' }) },
  });
  await system.advance('2026-03-10T23:00:00Z');
  await system.crash();
  await system.start();
  await system.advance('2026-03-11T02:00:00Z');
  assert.equal(carried(system), []);
  await system.stop();
  await system.removeState();
  await system.start();
  await system.advance('2026-03-11T07:59:59Z');
  assert.equal(carried(system), []);
  await system.advance('2026-03-11T08:00:30Z');
  assert.equal(carried(system), ['a machine-1 03-11T08:00']);
});

systemTest(
  '#16.2 R28 a job that waits is triggered through a freeze that lets triggers pass; its own run still waits',
  async (create) => {
    const system = await create({
      files: { ...fleet, 'jobs/a.yaml': daily(wait), 'windows/w.yaml': window({ Manual: 'Allow' }) },
    });
    await system.advance('2026-03-10T23:00:00Z');
    await system.trigger('a', 't1');
    await system.advance('2026-03-10T23:00:01Z');
    assert.equal(
      system.of('started').map(({ run }) => run),
      ['a@t1'],
    );
    assert.is(system.status('a').NextRunTime, '2026-03-10T22:00:00Z');
    await system.advance('2026-03-12T08:01:00Z');
    assert.equal(
      system.of('started').map(({ run }) => run),
      ['a@t1', 'a@2026-03-11T22:00:00Z'],
    );
  },
);

systemTest('#16.2 R56 while the hold file exists nothing begins; when it goes, what waits begins', async (create) => {
  const system = await create({ hold: 'hold', files: { ...oneByOne, 'jobs/b.yaml': daily({ Time: '22:30:00' }) } });
  const hold = system.stateDir.replace(/[^/]*$/, 'hold');
  system.bmcs.behave('machine-1', { takesMs: 600_000 });
  await system.advance('2026-03-10T22:05:00Z');
  writeFileSync(hold, '');
  await system.advance('2026-03-10T23:00:00Z');
  assert.equal(carried(system), ['a machine-1 03-10T22:00'], 'the part under way ends, no other begins');
  assert.equal(
    system.of('hold').map(({ isHeld }) => isHeld),
    [true],
  );
  assert.equal(
    system
      .of('waiting')
      .map(({ job, machine }) => `${job} ${machine ?? 'run'}`)
      .sort(),
    ['a machine-2', 'a machine-3', 'b run'],
  );
  await system.trigger('b', 't1');
  assert.match(system.status('b').LastTrigger?.Message ?? '', /^Hold, /);
  rmSync(hold);
  await system.advance('2026-03-10T23:11:05Z');
  assert.equal(system.bmcs.carried.map(({ part }) => `${part.job} ${part.machine.ID}`).sort(), [
    'a machine-1',
    'a machine-2',
    'a machine-3',
    'b machine-1',
  ]);
  assert.equal(
    system.of('hold').map(({ isHeld }) => isHeld),
    [true, false],
  );
  assert.equal(system.status('a').LastRun?.Skipped, undefined);
});

systemTest('#16.2 R30 parts that wait when the service stops are skipped, and it stops at once', async (create) => {
  const system = await create({
    files: { ...fleet, 'jobs/a.yaml': daily({ ...ALL, ...wait }), 'windows/w.yaml': window({ Applies: AMS }) },
  });
  await system.advance('2026-03-10T23:00:00Z');
  await system.stop();
  const run = (facts(system, 'a')?.['LastRun'] ?? {}) as { SkippedMachines: string[] };
  const why = `${FROZEN}; the service ended while it waited`;
  assert.equal(run.SkippedMachines, [`machine-1: ${why}`, `machine-2: ${why}`]);
});

systemTest('#16.2 R24 parts that wait when the service is killed are skipped, not interrupted', async (create) => {
  const system = await create({
    files: { ...fleet, 'jobs/a.yaml': daily({ ...ALL, ...wait }), 'windows/w.yaml': window({ Applies: AMS }) },
  });
  await system.advance('2026-03-10T23:00:00Z');
  await system.crash();
  await system.start();
  const { Status, LastRun } = system.status('a');
  assert.equal([Status, LastRun?.Succeeded, LastRun?.Failed, LastRun?.Skipped], ['Completed', 1, 0, 2]);
});

test.run();
