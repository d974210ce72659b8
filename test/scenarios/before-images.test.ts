import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import { until } from '../support/git-folder.ts';
import { once } from '../support/manifests.ts';
import { onWire, type WireSystem } from '../support/wire.ts';
import { systemTest } from './scenario.ts';

const PROFILE = 'Oem/OpenBmc/Fan/Profile';
const MANAGER = '/redfish/v1/Managers/bmc';
const FILES = { 'jobs/update.yaml': once({ Profile: 'Performance' }) };

const patches = (system: WireSystem) => system.bmc.requests.filter(({ method }) => method === 'PATCH').length;

/** The records of a kind in the journal, as they stand on disk. */
function journaled<Kind extends string>(system: WireSystem, kind: Kind) {
  const folder = join(system.stateDir, 'journal');
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'));
  const records = lines.flatMap((line) => line.match(/\{.*\}/)?.[0] ?? []).map((text) => JSON.parse(text));
  return records.filter((each): each is Extract<JournalEntry['record'], { kind: Kind }> => each.kind === kind);
}

async function onlyLog(system: WireSystem) {
  await system.advance(60_000);
  const [path = '', ...others] = system.logs();
  assert.equal(others, []);
  return system.log(path);
}

systemTest('V10 R61 the read before sending fails: nothing is sent, and there is no before-image', async (create) => {
  await onWire(create, { files: FILES }, async (system) => {
    system.bmc.faults.set({ kind: 'answer', method: 'GET', path: MANAGER, status: 404 });
    await system.advance('2026-03-10T14:00:00Z');
    await system.ended(1);
    assert.equal([patches(system), journaled(system, 'before')], [0, []]);
    const { Result, Status } = await onlyLog(system);
    assert.equal([Result, Status], [null, 'failed']);
  });
});

systemTest(
  'R61 of a part with several entries each has its before-image, and what a start needs is kept once',
  async (create) => {
    const Payload = ['bmc', 'bmc2'].map((ManagerID) => ({ ManagerID, Payload: { Profile: 'Performance' } }));
    const files = { 'jobs/update.yaml': once({ more: { Payload } }) };
    await onWire(create, { files, managers: ['bmc', 'bmc2'] }, async (system) => {
      for (const { ManagerID } of Payload) system.bmc.write(`/redfish/v1/Managers/${ManagerID}`, PROFILE, 'PowerSaver');
      await system.advance('2026-03-10T14:00:00Z');
      await system.ended(1);
      const [first, second, ...others] = journaled(system, 'before');
      assert.equal([others, first?.part, second?.part], [[], { payload: Payload }, undefined]);
      const entries = second?.log.Result as { ManagerID: string; NewProfile: string | null }[];
      assert.equal(
        entries.map(({ ManagerID, NewProfile }) => [ManagerID, NewProfile]),
        [
          ['bmc', 'Performance'],
          ['bmc2', null],
        ],
      );
    });
  },
);

systemTest('V04 R35 R61 what is so already has no before-image: nothing is sent', async (create) => {
  await onWire(create, { files: FILES }, async (system) => {
    system.bmc.put(PROFILE, 'Performance');
    await system.advance('2026-03-10T14:00:00Z');
    await system.ended(1);
    assert.equal([patches(system), journaled(system, 'before')], [0, []]);
  });
});

for (const [now, told] of [
  ['Performance', 'as it was set'],
  ['PowerSaver', 'as it was before'],
  ['Acoustic', 'neither as it was set nor as before'],
] as const) {
  systemTest(`V11 R61 a crash after the change was sent, and its value is ${now}: the log tells`, async (create) => {
    await onWire(create, { files: FILES }, async (system) => {
      system.bmc.put(PROFILE, 'PowerSaver');
      system.bmc.faults.set({ kind: 'hang', method: 'PATCH', times: 1 });
      await system.advance('2026-03-10T14:00:00Z');
      await until(() => patches(system) === 1);
      const [image, ...others] = journaled(system, 'before');
      assert.equal(others, []);
      assert.equal(image?.log.Result, { ManagerID: 'bmc', OldProfile: 'PowerSaver', NewProfile: null });
      await system.crash();
      system.bmc.put(PROFILE, now);
      await system.start();
      const { Result, Error: error, Status } = await onlyLog(system);
      assert.equal(Result, { ManagerID: 'bmc', OldProfile: 'PowerSaver', NewProfile: now });
      assert.match(error ?? '', `interrupted (transient: looked at again at the start of the service: manager bmc`);
      assert.match(error ?? '', `Profile ${told})`);
      assert.is(Status, 'failed');
      assert.equal([system.status('update').Status, patches(system)], ['Failed', 1], 'R24 not repeated');
      assert.is(system.bmc.get(PROFILE), now, 'only read');
    });
  });
}

systemTest('V11 R61 a crash, and the BMC is away at the start: the log tells what it was', async (create) => {
  await onWire(create, { files: FILES }, async (system) => {
    system.bmc.put(PROFILE, 'PowerSaver');
    system.bmc.faults.set({ kind: 'hang', method: 'PATCH', times: 1 });
    await system.advance('2026-03-10T14:00:00Z');
    await until(() => patches(system) === 1);
    await system.crash();
    system.bmc.faults.set({ kind: 'hang' });
    const started = system.start();
    await system.waitingFor('executor', '2026-03-10T14:00:10Z');
    system.clock.advance(new Date('2026-03-10T14:00:10Z'));
    await started;
    system.bmc.faults.clear();
    const { Result, Error: error } = await onlyLog(system);
    assert.equal(Result, { ManagerID: 'bmc', OldProfile: 'PowerSaver', NewProfile: null });
    assert.match(error ?? '', /^interrupted .*; looked at again at the start of the service, in vain: /);
  });
});

test.run();
