import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../definitions/values/json.ts';
import { facts } from '../support/controller.ts';
import { daily, text } from '../support/manifests.ts';
import { ALL, AMS, carried, FROZEN, fleet, missed, oneByOne, page, window } from '../support/windows.ts';
import { systemTest } from './scenario.ts';

systemTest(
  '#16.2 R55 F10 frozen for two nights: told once, in three places with one sentence, and not made up',
  async (create) => {
    const system = await create({ files: { ...fleet, 'jobs/a.yaml': daily(), 'windows/w.yaml': window() } });
    await system.advance('2026-03-11T23:00:00Z');
    const first = '2026-03-10T22:00:00Z';
    assert.equal(missed(system, 'a'), [`${first} ${FROZEN}`], 'told once a freeze');
    assert.equal(
      system.of('missed').map(({ nominal, reason, isAgain }) => [nominal, reason, isAgain]),
      [
        [first, FROZEN, false],
        ['2026-03-11T22:00:00Z', FROZEN, true],
      ],
    );
    assert.equal(facts(system, 'a')?.['Missed'], [{ Time: first, Reason: FROZEN }]);
    assert.match(page(system), `- ${first} \`a\`: \`${FROZEN}\``);
    await system.advance('2026-03-12T21:59:59Z');
    assert.equal(carried(system), []);
    await system.advance('2026-03-12T22:01:00Z');
    assert.equal(carried(system), ['a machine-1 03-12T22:00']);
  },
);

systemTest('#16.2 R55 F09 half of the machines are frozen: the others run, the run is Completed', async (create) => {
  const system = await create({
    files: { ...fleet, 'jobs/a.yaml': daily(ALL), 'windows/w.yaml': window({ Applies: AMS }) },
  });
  await system.advance('2026-03-10T22:01:00Z');
  assert.equal(carried(system), ['a machine-3 03-10T22:00']);
  const { Status, LastRun } = system.status('a');
  assert.equal([Status, LastRun?.Succeeded, LastRun?.Failed, LastRun?.Skipped], ['Completed', 1, 0, 2]);
  const lines = [`machine-1: ${FROZEN}`, `machine-2: ${FROZEN}`];
  assert.equal(LastRun?.SkippedMachines, lines);
  assert.equal((facts(system, 'a')?.['LastRun'] as JsonObject | undefined)?.['SkippedMachines'], lines);
  assert.is(system.logs().length, 1, 'a part that was never begun has no log');
  assert.equal(
    system.of('skipped').map(({ machine, reason, message }) => `${machine} ${reason} ${message}`),
    [`machine-1 Frozen ${FROZEN}`, `machine-2 Frozen ${FROZEN}`],
  );
  assert.match(page(system), `- \`machine-1\`: \`a\` at 2026-03-10T22:00:00Z: \`${FROZEN}\``);
});

for (const [overrun, expected] of [
  ['Finish', ['a machine-1 03-10T22:00', 'a machine-2 03-10T23:00', 'a machine-3 03-10T23:00']],
  ['Stop', ['a machine-1 03-10T22:00']],
] as const) {
  systemTest(
    `#16.2 R54 F07 a freeze begins during a run, ${overrun}: ${expected.length} parts; the one under way ends`,
    async (create) => {
      const files = { ...oneByOne, 'windows/w.yaml': window({ From: '2026-03-10T22:30:00', Overrun: overrun }) };
      const system = await create({ files });
      system.bmcs.behave('machine-1', { takesMs: 3_600_000 });
      await system.advance('2026-03-10T23:01:00Z');
      assert.equal(carried(system), expected);
      assert.equal(
        [system.status('a').LastRun?.Succeeded, system.status('a').LastRun?.Skipped ?? 0],
        [expected.length, 3 - expected.length],
      );
    },
  );
}

for (const [overrun, expected] of [
  ['Finish', 3],
  ['Stop', 1],
] as const) {
  systemTest(`#16.2 R54 F06 an Allow closes during a run, ${overrun}: ${expected} parts`, async (create) => {
    const nights = { Name: 'Nights', Kind: 'Allow', Time: '21:00:00', Until: '22:30:00', Overrun: overrun };
    const system = await create({ files: { ...oneByOne, 'windows/w.yaml': text(nights) } });
    system.bmcs.behave('machine-1', { takesMs: 3_600_000 });
    await system.advance('2026-03-10T23:01:00Z');
    assert.is(carried(system).length, expected);
  });
}

systemTest(
  '#16.2 R54 F08 a freeze that is pushed during a run stops new parts at once, whatever its Overrun says',
  async (create) => {
    const system = await create({ files: oneByOne });
    system.bmcs.behave('machine-1', { takesMs: 3_600_000 });
    await system.advance('2026-03-10T22:10:00Z');
    await system.push({ 'windows/w.yaml': window({ From: '2026-03-10T22:10:00', Overrun: 'Finish' }) });
    await system.advance('2026-03-10T23:01:00Z');
    assert.equal(carried(system), ['a machine-1 03-10T22:00']);
    const { Status, LastRun } = system.status('a');
    assert.equal(
      [Status, LastRun?.Succeeded, LastRun?.SkippedMachines],
      ['Completed', 1, [`machine-2: ${FROZEN}`, `machine-3: ${FROZEN}`]],
    );
  },
);

systemTest(
  '#16.2 R54 F03 F05 a trigger during a freeze is refused with the sentence; Manual: Allow lets it pass',
  async (create) => {
    const system = await create({ files: { ...fleet, 'jobs/a.yaml': daily(), 'windows/w.yaml': window() } });
    await system.advance('2026-03-10T13:00:00Z');
    assert.equal(system.service.controller.trigger('a', 't0'), { accepted: false, message: FROZEN });
    await system.trigger('a', 't1');
    assert.is(system.status('a').LastTrigger?.Message, FROZEN);
    assert.equal(
      system.of('refused').map(({ reason }) => reason),
      [FROZEN],
    );
    await system.push({ 'windows/w.yaml': window({ Manual: 'Allow' }) });
    await system.trigger('a', 't2');
    await system.advance('2026-03-10T13:00:01Z');
    assert.equal(carried(system), ['a machine-1 03-10T13:00']);
  },
);

systemTest(
  '#16.2 R53 F14 a broken edit leaves the last good freeze in force, also across a restart without a journal',
  async (create) => {
    const system = await create({ files: { ...fleet, 'jobs/a.yaml': daily(), 'windows/w.yaml': window() } });
    await system.push({ 'windows/w.yaml': window().replace('Freeze', 'Thaw') });
    await system.advance('2026-03-10T22:01:00Z');
    assert.match(page(system), 'windows/w.yaml');
    assert.equal(missed(system, 'a'), [`2026-03-10T22:00:00Z ${FROZEN}`]);
    await system.stop();
    await system.removeState();
    await system.start();
    await system.advance('2026-03-11T22:01:00Z');
    assert.equal(carried(system), []);
    assert.equal([...system.service.inForce.windows.keys()], ['Year end']);
    assert.equal([...system.service.inForce.brokenWindows], []);
  },
);

systemTest(
  '#16.2 R53 F14 a new broken window: its file is named in force, and mending it ends that',
  async (create) => {
    const system = await create({ files: { ...fleet, 'jobs/a.yaml': daily(), 'windows/w.yaml': 'Name: [' } });
    assert.equal([...system.service.inForce.brokenWindows], ['windows/w.yaml']);
    await system.stop();
    await system.start();
    assert.equal([...system.service.inForce.brokenWindows], ['windows/w.yaml']);
    await system.push({ 'windows/w.yaml': window() });
    assert.equal(
      [[...system.service.inForce.brokenWindows], [...system.service.inForce.windows.keys()]],
      [[], ['Year end']],
    );
  },
);

systemTest('#16.2 STATUS.md names the next runs that windows forbid, until they do no more', async (create) => {
  const system = await create({ files: { ...fleet, 'jobs/a.yaml': daily(), 'windows/w.yaml': window() } });
  await system.advance('2026-03-10T11:00:00Z');
  const line = `- 2026-03-10T22:00:00Z \`a\`: \`${FROZEN}\``;
  assert.match(page(system), line);
  await system.push({ 'windows/w.yaml': null });
  await system.advance('2026-03-10T11:05:00Z');
  assert.not.match(page(system), 'Frozen');
});

test.run();
