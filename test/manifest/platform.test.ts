import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { JobSpec } from '../../definitions/job.ts';
import type { Machine } from '../../definitions/machine.ts';
import { fitsPlainly, judgeJob } from '../../definitions/manifest/platform.ts';

const MACHINE: Machine = { ID: 'm', Type: 'Extend', Endpoint: 'https://10.0.0.1', Timeout: '60s' };
const INVENTORIES: Readonly<Record<string, readonly Machine[]>> = {
  'a machine that lists nothing': [MACHINE],
  'one of another type': [{ ...MACHINE, Type: 'Base' }],
  'one that lists a manager': [{ ...MACHINE, Managers: { bmc: { Profiles: ['PowerSaver'] } } }],
  'one that lists another manager': [{ ...MACHINE, Managers: { other: {} } }],
  'no machine': [],
};
const PROFILES = ['PowerSaver', 'Turbo', undefined];

for (const action of ACTIONS.keys()) {
  for (const [name, machines] of Object.entries(INVENTORIES)) {
    for (const Profile of PROFILES) {
      test(`R02 ${action}, profile ${Profile}, ${name}: what fits plainly has no problem when each word is judged`, () => {
        const spec = {
          Name: 'A job',
          Machines: ['m'],
          Action: action,
          Payload: [{ ManagerID: 'bmc', Payload: Profile === undefined ? {} : { Profile } }],
          Schedule: { Type: 'Once', Time: '22:00:00' },
        } as JobSpec;
        const inventory = new Map(machines.map((machine) => [machine.ID, machine]));
        if (fitsPlainly(spec, ['m'], inventory)) assert.equal(judgeJob(spec, inventory), []);
      });
    }
  }
}

test('R02 the usual job fits plainly', () => {
  const Payload = [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }];
  const Schedule = { Type: 'Once', Time: '22:00:00' } as const;
  const spec: JobSpec = { Name: 'A job', Machines: ['m'], Action: 'PatchProfile', Payload, Schedule };
  assert.ok(fitsPlainly(spec, ['m'], new Map([['m', MACHINE]])));
});

test.run();
