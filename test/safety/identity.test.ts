// G06: whether a BMC is that of the machine in the inventory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Machine, MachineIdentity } from '../../definitions/machine.ts';
import { compareIdentity, identitiesOf, identityToWrite } from '../../definitions/safety/identity.ts';

const UUID = '00112233-4455-6677-8899-aabbccddeeff';
const SWAPPED = '33221100-5544-7766-8899-AABBCCDDEEFF';

const COMPARED: readonly (readonly [string, MachineIdentity, string[], string[], string])[] = [
  ['the same serial number', { SerialNumber: 'CZ1' }, ['CZ1'], [], 'same'],
  ['another serial number', { SerialNumber: 'CZ1' }, ['CZ2'], [], 'different'],
  ['a padded one', { SerialNumber: 'CZ1' }, ['  CZ1  '], [], 'same'],
  ['one of several: of the chassis, say', { SerialNumber: 'CZ1' }, ['ENCLOSURE', 'CZ1'], [], 'same'],
  [
    'SerialNumber decides, whatever the UUID',
    { SerialNumber: 'CZ1', UUID },
    ['CZ1'],
    [SWAPPED.replace('3', '4')],
    'same',
  ],
  ['another SerialNumber, the same UUID', { SerialNumber: 'CZ1', UUID }, ['CZ2'], [UUID], 'different'],
  ['no serial number is reported: the UUID', { SerialNumber: 'CZ1', UUID }, [], [UUID], 'same'],
  ['a placeholder is reported: the UUID', { SerialNumber: 'CZ1', UUID }, ['0123456789'], [UUID], 'same'],
  ['both orders of bytes', { UUID }, [], [SWAPPED], 'same'],
  ['another UUID', { UUID }, [], [UUID.replace('ff', 'fe')], 'different'],
  ['nothing is reported', { SerialNumber: 'CZ1', UUID }, [], [], 'unknown'],
  ['nothing that can be compared', { SerialNumber: 'CZ1' }, ['N/A'], [UUID], 'unknown'],
];

for (const [name, expected, SerialNumbers, UUIDs, verdict] of COMPARED) {
  test(`G06 ${name}: ${verdict}`, () => assert.is(compareIdentity(expected, { SerialNumbers, UUIDs }), verdict));
}

const machines = (identities: readonly (MachineIdentity | undefined)[]) =>
  new Map(
    identities.map((Identity, index): [string, Machine] => {
      const ID = `m${index}`;
      return [ID, { ID, Type: 'Base', Endpoint: `https://${ID}`, Timeout: '60s', ...(Identity && { Identity }) }];
    }),
  );

const OWN: readonly (readonly [
  string,
  MachineIdentity | undefined,
  MachineIdentity | undefined,
  MachineIdentity | null,
])[] = [
  ['none', undefined, undefined, null],
  ['its own', { SerialNumber: 'A', UUID }, { SerialNumber: 'B' }, { SerialNumber: 'A', UUID }],
  ['a serial number that another has, too', { SerialNumber: 'A', UUID }, { SerialNumber: 'A' }, { UUID }],
  ['a UUID that another has in the other order', { SerialNumber: 'A', UUID }, { UUID: SWAPPED }, { SerialNumber: 'A' }],
  ['nothing but a placeholder', { SerialNumber: 'To Be Filled By O.E.M.' }, undefined, null],
  ['a UUID of one digit only', { UUID: '00000000-0000-0000-0000-000000000000' }, undefined, null],
];

for (const [name, first, second, expected] of OWN) {
  test(`G06 what tells a machine from the others, ${name}`, () => {
    const inventory = machines([first, second]);
    const machine = inventory.get('m0') as Machine;
    assert.equal(identitiesOf(inventory)(machine), expected);
  });
}

test('probe writes the first of each that is no placeholder', () => {
  const reported = { SerialNumbers: ['0123456789', ' CZ1 ', 'CZ2'], UUIDs: ['x', UUID] };
  assert.equal(identityToWrite(reported), { SerialNumber: 'CZ1', UUID });
  assert.is(identityToWrite({ SerialNumbers: ['None'], UUIDs: [] }), null);
});

test.run();
