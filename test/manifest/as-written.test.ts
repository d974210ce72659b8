import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFile } from '../../definitions/manifest/read.ts';
import type { ManifestKind } from '../../definitions/manifest/reading.ts';

const JOB = `Name: Nightly
Machines: [m1]
Action: PatchFanZone
Payload: { ManagerID: bmc, FanZoneID: z, Payload: { FailSafePercent: 80 } }
Schedule: { Type: Once, Time: "22:00:00" }
`;

function messages(text: string, kind: ManifestKind = 'job'): readonly string[] {
  const { documents } = readFile(kind, Buffer.from(text));
  return documents.flatMap(({ problems }) => problems.map(({ path, message }) => `${path}: ${message}`));
}

/** What people write, and YAML takes for a number or a truth value. */
const WRITTEN = ['1.10', '007', '00123', '1e3', '0x1F', '0o17', '12345678901234567890', '+5', '1.0', 'True', '.5'];

for (const text of WRITTEN) {
  test(`#22.18 ${text} where text is wanted: the advice repeats it as it stands`, () => {
    assert.equal(messages(`${JOB}Trigger: ${text}\n`), [`Trigger: Trigger must be text: quote it ("${text}")`]);
    assert.equal(messages(JOB.replace('[m1]', `[${text}]`)), [
      `Machines[0]: Machines must be text: quote it ("${text}")`,
    ]);
    const machine = `ID: m1\nEndpoint: https://192.0.2.1\nLabels: { rack: ${text} }\n`;
    assert.equal(messages(machine, 'machine'), [`Labels.rack: rack must be text: quote it ("${text}")`]);
    const entry = messages(JOB.replace('ManagerID: bmc', `ManagerID: ${text}`));
    assert.equal(entry, [`Payload.ManagerID: ManagerID must be text: quote it ("${text}")`]);
    const advised = JOB.replace('[m1]', `["${text}"]`);
    assert.not.match(messages(advised).join(), 'quote it', 'who follows the advice is done');
  });
}

test('#22.18 a number that an alias stands for, and one that is no number to JSON', () => {
  const aliased = JOB.replace('Name: Nightly', 'Name: &n 0042').replace('[m1]', '[*n]');
  assert.equal(messages(aliased), [
    'Name: Name must be text: quote it ("0042")',
    'Machines[0]: Machines must be text: quote it ("0042")',
  ]);
  assert.equal(messages(`${JOB}Trigger: .inf\n`), ['Trigger: Trigger must be text: quote it (".inf")']);
});

test('#22.18 a number out of range is told as it stands', () => {
  const [told = ''] = messages(JOB.replace('80', '12345678901234567891'));
  assert.match(told, /FailSafePercent is 12345678901234567891: /);
});

for (const [text, isRefused] of [
  ['9007199254740991', false],
  ['9007199254740992', true],
  ['9007199254740993', true],
  ['-9007199254740993', true],
  ['0x20000000000001', true],
  ['1e300', false],
  ['"9007199254740993"', false],
] as const) {
  test(`R04 #22.22 ${text}: ${isRefused ? 'refused, and not rounded' : 'is what it says'}`, () => {
    const pid = `Name: Pid
Machines: [m1]
Action: PatchPidController
Payload: { ManagerID: bmc, PidControllerID: p, Payload: { SetPoint: ${text} } }
Schedule: { Type: Once, Time: "22:00:00" }
`;
    const told = messages(pid).filter((message) => message.includes('is kept exactly'));
    assert.is(told.length, isRefused ? 1 : 0, messages(pid).join());
    if (isRefused) assert.match(told[0] ?? '', `Payload.Payload.SetPoint: ${text} is beyond 9007199254740991`);
  });
}

test.run();
