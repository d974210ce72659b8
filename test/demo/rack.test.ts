// A rack of simulated BMCs lasts as long as its folder: ports, login, certificate, values, and whether hosts run.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openRack, type WantedMachine } from '../../controller/demo/rack.ts';
import { temporary } from '../support/temporary-folder.ts';

const MACHINES: readonly WantedMachine[] = [
  { id: 'ilo-1', preset: 'ilo' },
  { id: 'openbmc-1', preset: 'openbmc' },
];

test('#19.4 what was set and what was switched off is so again, at the same place with the same login', async () => {
  const { path: folder, remove } = temporary();
  const first = await openRack({ folder, machines: MACHINES });
  first.machines[0]?.bmc.write('/redfish/v1/Systems/1', 'AssetTag', 'R7-U12');
  first.machines[1]?.bmc.put('Oem/OpenBmc/Fan/Profile', 'Acoustic');
  first.machines[1]?.bmc.host.order('ForceOff');
  await first.close();
  const off = await openRack({
    folder,
    machines: MACHINES.map((each) => ({ ...each, host: { power: 'Off' as const } })),
  });
  await off.close();
  const again = await openRack({ folder, machines: [...MACHINES, { id: 'xcc-1', preset: 'xcc' }] });
  try {
    assert.equal(
      again.inventory.slice(0, 2),
      first.inventory,
      'machines are where they were, known by one certificate',
    );
    assert.is(again.machines.length, 3);
    assert.is(again.machines[0]?.bmc.read('/redfish/v1/Systems/1')?.['AssetTag'], 'R7-U12');
    assert.is(again.machines[1]?.bmc.get('Oem/OpenBmc/Fan/Profile'), 'Acoustic');
    assert.equal(
      again.machines.map(({ bmc }) => bmc.host.now().power),
      ['Off', 'Off', 'On'],
    );
    assert.is(again.machines[0]?.bmc.serialNumber, first.machines[0]?.bmc.serialNumber);
    const secret = join(again.credentialsDir, 'simulated', 'password');
    assert.is(statSync(secret).mode & 0o077, 0, 'nobody else reads the password');
    assert.is(statSync(join(folder, 'rack.json')).mode & 0o077, 0);
    assert.not.match(JSON.stringify(again.inventory), new RegExp(readFileSync(secret, 'utf8')));
  } finally {
    await again.close();
    remove();
  }
});

test('#19.4 a rack is opened once at a time, and is of the presets that it was', async () => {
  const { path: folder, remove } = temporary();
  const rack = await openRack({ folder, machines: MACHINES });
  const message = (machines: readonly WantedMachine[]) =>
    openRack({ folder, machines }).then(
      () => 'opened',
      (error: Error) => error.message,
    );
  try {
    assert.match(await message(MACHINES), /^the port of (ilo|openbmc)-1, \d+, is taken: does this rack run already\?$/);
    assert.match(await message([{ id: 'ilo-1', preset: 'xcc' }]), /^ilo-1 was a ilo before and cannot be a xcc/);
    await rack.close();
    writeFileSync(join(folder, 'rack.json'), '{}');
    assert.match(await message(MACHINES), /rack\.json is not what this program writes/);
  } finally {
    await rack.close();
    remove();
  }
});

test.run();
