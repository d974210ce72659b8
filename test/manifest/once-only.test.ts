import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readFile } from '../../definitions/manifest/read.ts';

const MACHINE = 'ID: m1\nType: Base\nEndpoint: https://10.0.0.1\nCredentialsRef: lab\nTimeout: 60s\n';

for (const [type, reset, isRefused] of [
  ['Once', 'Nmi', false],
  ['Continuous', 'Nmi', true],
  ['Continuous', 'GracefulRestart', false],
] as const) {
  test(`R60 ResetType ${reset} in a job of Type ${type}: ${isRefused ? 'refused' : 'valid'}`, () => {
    const job = [
      'Name: reset',
      'Machines: [m1]',
      'Action: ResetSystem',
      `Schedule: { Type: ${type}, Time: "22:00:00"${type === 'Once' ? '' : ', Period: { StartDay: "2026-01-01" }'} }`,
      `Payload: { Payload: { ResetType: ${reset} } }`,
    ].join('\n');
    const files = new Map([
      ['machines/m1.yaml', { blob: 'm', reading: readFile('machine', Buffer.from(MACHINE)) }],
      ['jobs/a.yaml', { blob: 'j', reading: readFile('job', Buffer.from(job)) }],
    ]);
    const { problems } = readFleet(files, 'c');
    assert.equal(
      problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule),
      isRefused ? ['R60'] : [],
      JSON.stringify(problems),
    );
  });
}

for (const [graceful, isRefused] of [
  ['60m', false],
  ['61m', true],
] as const) {
  test(`R02 Graceful ${graceful}: ${isRefused ? 'refused' : 'valid'}`, () => {
    const job = [
      'Name: off',
      'Machines: [m1]',
      'Action: SetPowerState',
      'Schedule: { Type: Once, Time: "22:00:00" }',
      `Payload: { Payload: { PowerState: "Off", Graceful: ${graceful} } }`,
    ].join('\n');
    const files = new Map([
      ['machines/m1.yaml', { blob: 'm', reading: readFile('machine', Buffer.from(MACHINE)) }],
      ['jobs/a.yaml', { blob: 'j', reading: readFile('job', Buffer.from(job)) }],
    ]);
    const { problems } = readFleet(files, 'c');
    const errors = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    assert.equal(errors, isRefused ? ['Graceful "61m" is not a duration of at most 60m'] : []);
  });
}

test.run();
