// Acceptance cases of what restarts hosts and managers, by their numbers (B09, B11, B12).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asked, fastClock, startMachine } from '../support/bmc.ts';
import { type PowerCase, play, resets, SYSTEM, TIMES } from './acceptance-power.ts';

const CASES: readonly PowerCase[] = [
  {
    title: 'R59 B09 ResetSystem: the answer is lost, and it restarted: the witness tells, one POST',
    action: 'ResetSystem',
    payload: { ResetType: 'ForceRestart' },
    faults: [{ kind: 'drop', method: 'POST', path: '/Actions/', applied: true }],
    outcome: 'Applied',
    orders: ['ForceRestart'],
    posts: 1,
  },
  {
    title: 'B09 ResetSystem: the answer is lost, and it did not restart: failed, one POST',
    action: 'ResetSystem',
    payload: { ResetType: 'ForceRestart', Within: '2m' },
    faults: [{ kind: 'drop', method: 'POST', path: '/Actions/' }],
    outcome: 'NotApplied',
    error: /^transient: system: sent, result unknown .* it is not sent twice$/,
    orders: [],
    posts: 1,
  },
  ...[503, 500, 429, 409, 307, 401, 406].map(
    (status): PowerCase => ({
      title: `B09 ResetSystem: ${status} is answered to every POST: one is sent`,
      action: 'ResetSystem',
      payload: { ResetType: 'ForceRestart', Within: '1m' },
      faults: [
        {
          kind: 'answer',
          status,
          method: 'POST',
          path: '/Actions/',
          headers: { Location: '/redfish/v1/Systems/system/Actions/ComputerSystem.Reset/', 'Retry-After': '1' },
        },
      ],
      outcome: status === 307 || status === 401 || status === 406 ? 'Refused' : 'NotApplied',
      orders: [],
      posts: 1,
    }),
  ),
  {
    title: 'ResetSystem: a host that is off has nothing to restart',
    action: 'ResetSystem',
    host: { power: 'Off' },
    payload: { ResetType: 'GracefulRestart' },
    outcome: 'Unchanged',
    orders: [],
    posts: 0,
  },
  {
    title: 'ResetSystem: accepted, and no sign of a restart within 10m',
    action: 'ResetSystem',
    host: { os: 'ignores ACPI' },
    payload: { ResetType: 'GracefulRestart' },
    outcome: 'NotApplied',
    error: /^transient: system: accepted, no sign of a restart within 10m$/,
    orders: ['GracefulRestart'],
    posts: 1,
  },
  {
    title: 'ResetSystem: GracefulRestart is not offered: refused without Fallback, the Fallback is sent with it',
    action: 'ResetSystem',
    before: ({ bmc }) =>
      bmc.write(`${SYSTEM}/ResetActionInfo`, 'Parameters', [
        { Name: 'ResetType', AllowableValues: ['On', 'PowerCycle'] },
      ]),
    payload: { ResetType: 'GracefulRestart', Fallback: 'PowerCycle' },
    outcome: 'Applied',
    orders: ['PowerCycle'],
    posts: 1,
  },
];

for (const each of CASES) play(each);

/** A manager that restarts. */
const RESTARTS = { servesOnMs: 20_000, downMs: 90_000, refusals: 1, startingMs: 20_000 };

test('B11 ResetManager: serves on, is gone 90 s, 401 once, Starting, then up: success, two logins after', async () => {
  const machine = await startMachine({ preset: 'openbmc', clock: fastClock(TIMES), restarts: RESTARTS });
  const { bmc, run, close } = machine;
  const result = await run('ResetManager', [{ ManagerID: 'bmc', Payload: { ResetType: 'GracefulRestart' } }]);
  assert.is(result.outcome, 'Applied', JSON.stringify(result));
  assert.equal(result.entries[0]?.['Sent'], ['GracefulRestart']);
  assert.is(resets(machine).length, 1);
  const logins = asked(bmc, 'POST').filter((each) => /\/Sessions$/.test(each));
  assert.ok(logins.length <= 3, `one before, two after: ${logins.length}`);
  assert.is(bmc.sessions, 0);
  await close();
});

test('B12 a manager that never returns: fails at Within, Unreachable', async () => {
  const restarts = { ...RESTARTS, downMs: Number.POSITIVE_INFINITY };
  const machine = await startMachine({ preset: 'openbmc', clock: fastClock(TIMES * 2), restarts });
  const payload = [{ ManagerID: 'bmc', Payload: { ResetType: 'GracefulRestart', Within: '5m' } }];
  const result = await machine.run('ResetManager', payload);
  assert.is(result.outcome, 'Unreachable', JSON.stringify(result));
  assert.match(result.error ?? '', /^transient: manager bmc: sent, and the BMC has not come back within 5m$/);
  assert.is(resets(machine).length, 1);
  await machine.close();
});
test.run();
