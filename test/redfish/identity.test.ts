// G06 over the wire: who a BMC is, is read before anything is sent to it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Bmc } from '../../controller/demo/bmc.ts';
import type { MachineIdentity } from '../../definitions/machine.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { asked, entry, startMachine } from '../support/bmc.ts';

const UUID = '38a5cd3c-7a2c-4b1b-9d0d-6b1c66a4b2f5';
const PAYLOAD = [entry('bmc', { Profile: 'PowerSaver' })];

/** What the simulated BMC says at a path from now on. */
function says(bmc: Bmc, path: string, body: JsonObject, status = 200): void {
  bmc.faults.set({ kind: 'answer', method: 'GET', path, status, body });
}

interface Case {
  readonly name: string;
  readonly identity: MachineIdentity;
  readonly system?: JsonObject;
  readonly chassis?: JsonObject;
  /** What fails, after `IdentityMismatch: `; null: it is applied. */
  readonly mismatch: RegExp | null;
}

const CASES: readonly Case[] = [
  { name: 'the system has it', identity: { SerialNumber: 'CZ1' }, system: { SerialNumber: ' CZ1' }, mismatch: null },
  {
    name: 'its chassis has it',
    identity: { SerialNumber: 'CZ1' },
    system: { SerialNumber: '' },
    chassis: { SerialNumber: 'CZ1' },
    mismatch: null,
  },
  { name: 'the UUID, by a system without a serial number', identity: { UUID }, system: { UUID }, mismatch: null },
  {
    name: 'an address given to another machine',
    identity: { SerialNumber: 'CZ1', UUID },
    system: { SerialNumber: 'CZ2', UUID },
    mismatch:
      /the inventory names SerialNumber CZ1, UUID 38a5.*, it reports SerialNumber CZ2, UUID .*; nothing was sent/,
  },
  {
    name: 'nothing that could be compared',
    identity: { SerialNumber: 'CZ1' },
    mismatch: /it reports none that could be compared; nothing was sent/,
  },
];

for (const { name, identity, system = {}, chassis = {}, mismatch } of CASES) {
  test(`G06 ${name}: ${mismatch ? 'IdentityMismatch' : 'Applied'}`, async () => {
    const { bmc, run, close } = await startMachine();
    says(bmc, '/Systems/system', system);
    says(bmc, '/Chassis/Baseboard', chassis);
    const result = await run('PatchProfile', PAYLOAD, { identity });
    if (mismatch) {
      assert.is(result.outcome, 'Refused');
      assert.match(result.error ?? '', /^permanent: manager bmc: IdentityMismatch: /);
      assert.match(result.error ?? '', mismatch);
      assert.is(asked(bmc, 'PATCH').length, 0);
    } else assert.equal([result.outcome, result.error], ['Applied', null]);
    assert.is(bmc.sessions, 0);
    await close();
  });
}

test('G06 a BMC that cannot say it right now is asked again, and it is transient', async () => {
  const { bmc, run, close } = await startMachine();
  says(bmc, '/Systems/system', {}, 503);
  const result = await run('PatchProfile', PAYLOAD, { identity: { SerialNumber: 'CZ1' }, machine: { Timeout: '3s' } });
  assert.match(result.error ?? '', /^transient: /);
  assert.is(asked(bmc, 'PATCH').length, 0);
  await close();
});

test('where nobody asks who it is, it is not read', async () => {
  const { bmc, run, close } = await startMachine();
  await run('PatchProfile', PAYLOAD);
  assert.is(bmc.requests.filter(({ path }) => /Systems|Chassis/.test(path)).length, 0);
  await close();
});

test.run();
