// Acceptance cases of what switches hosts, by their numbers (B01-B08, B36, B38).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../definitions/values/json.ts';
import { fastClock, startMachine } from '../support/bmc.ts';
import { type PowerCase, play, SYSTEM, TIMES } from './acceptance-power.ts';

function conflict(MessageId: string): JsonObject {
  return {
    error: {
      code: MessageId,
      message: 'no',
      '@Message.ExtendedInfo': [{ MessageId, Message: 'It is so already.', MessageSeverity: 'Critical' }],
    },
  };
}
const OFF = { PowerState: 'Off' };
const ON = { PowerState: 'On' };

const CASES: readonly PowerCase[] = [
  { title: 'a host that is on is left alone', payload: ON, outcome: 'Unchanged', orders: [], power: 'On' },
  {
    title: 'a host is shut down, and told before and after',
    payload: OFF,
    outcome: 'Applied',
    orders: ['GracefulShutdown'],
    sent: ['GracefulShutdown'],
    power: 'Off',
    after: (_, { entries }) =>
      assert.equal(entries[0], {
        SystemID: 'system',
        OldPowerState: 'On',
        NewPowerState: 'Off',
        Sent: ['GracefulShutdown'],
      }),
  },
  {
    title: 'a host is switched on',
    host: { power: 'Off' },
    payload: ON,
    outcome: 'Applied',
    orders: ['On'],
    power: 'On',
  },
  {
    title: 'B03 Off wanted while it powers off: waits, sends nothing',
    host: { railsMs: 20_000 },
    before: ({ bmc }) => bmc.host.order('ForceOff'),
    payload: OFF,
    outcome: 'Unchanged',
    orders: [],
    power: 'Off',
  },
  {
    title: 'B04 an OS that ignores ACPI, without Force: fails, and the host is still on',
    host: { os: 'ignores ACPI' },
    payload: { ...OFF, Graceful: '1m' },
    outcome: 'NotApplied',
    error: /^transient: system: the OS did not shut down in 1m; the host is still On/,
    orders: ['GracefulShutdown', 'GracefulShutdown'],
    power: 'On',
  },
  {
    title: 'B04 an OS that ignores ACPI, with Force: switched off hard, both are told',
    host: { os: 'ignores ACPI' },
    payload: { ...OFF, Graceful: '1m', Force: true },
    outcome: 'Applied',
    orders: ['GracefulShutdown', 'GracefulShutdown', 'ForceOff'],
    sent: ['GracefulShutdown', 'GracefulShutdown', 'ForceOff'],
    power: 'Off',
  },
  {
    title: 'B08 On is accepted and the host stays Off: failed, transient',
    host: { power: 'Off', os: 'dead' },
    payload: ON,
    outcome: 'NotApplied',
    error: /^transient: system: accepted, the host stays Off/,
    orders: ['On'],
  },
  {
    title: 'B01 two systems, one without a Reset, no SystemID: takes the host',
    preset: 'gb300',
    payload: OFF,
    outcome: 'Applied',
    orders: ['GracefulShutdown'],
    after: (_, { entries }) => assert.is(entries[0]?.['SystemID'], 'System_0'),
  },
  {
    title: 'B02 values of Reset only in ActionInfo: it is read, and counts',
    before: ({ bmc }) =>
      bmc.write(`${SYSTEM}/ResetActionInfo`, 'Parameters', [
        { Name: 'ResetType', AllowableValues: ['On', 'ForceOff'] },
      ]),
    payload: OFF,
    outcome: 'Unsupported',
    error: /GracefulShutdown is not offered; it has On, ForceOff; nothing was sent/,
    orders: [],
    posts: 0,
  },
  {
    title: 'B02 ActionInfo is 404: the standard value is sent',
    faults: [{ kind: 'answer', status: 404, path: 'ResetActionInfo' }],
    payload: OFF,
    outcome: 'Applied',
    orders: ['GracefulShutdown'],
  },
  {
    title: 'B05 GracefulShutdown is not offered, with Force: switched off hard',
    before: ({ bmc }) =>
      bmc.write(`${SYSTEM}/ResetActionInfo`, 'Parameters', [
        { Name: 'ResetType', AllowableValues: ['On', 'ForceOff'] },
      ]),
    payload: { ...OFF, Force: true },
    outcome: 'Applied',
    orders: ['ForceOff'],
  },
  {
    title: 'B05 GracefulShutdown is not offered, without Force: refused, no request',
    preset: 'xcc',
    before: ({ bmc }) =>
      bmc.write('/redfish/v1/Systems/1', 'Actions/#ComputerSystem.Reset/ResetType@Redfish.AllowableValues', [
        'On',
        'ForceOff',
        'PushPowerButton',
      ]),
    payload: OFF,
    outcome: 'Unsupported',
    error: /nothing was sent: `Force: true` would switch it off hard/,
    orders: [],
    posts: 0,
  },
  ...(['idrac', 'ilo'] as const).map(
    (preset): PowerCase => ({
      title: `B06 ${preset} says that it is so already, and it is: success`,
      preset,
      host: { railsMs: 20_000, transitions: false },
      // it goes off by itself, and shows On until then
      before: ({ bmc }) => bmc.host.order('ForceOff'),
      payload: { ...OFF, Graceful: '5m' },
      outcome: 'Applied',
      orders: ['GracefulShutdown'],
      power: 'Off',
    }),
  ),
  {
    title: 'B06 409 PSU501 and the state is as wanted by then: Unchanged',
    preset: 'idrac',
    faults: [{ kind: 'answer', status: 409, method: 'POST', path: '/Actions/', body: conflict('IDRAC.2.8.PSU501') }],
    before: ({ bmc }) =>
      bmc.faults.set({
        kind: 'answer',
        status: 200,
        method: 'GET',
        path: '/Systems/System.Embedded.1',
        times: 2,
        body: { ...bmc.read('/redfish/v1/Systems/System.Embedded.1'), PowerState: 'Off' },
      }),
    payload: ON,
    outcome: 'Unchanged',
    orders: [],
    posts: 1,
  },
  {
    title: 'B07 a conflict on On for 25 s: tried again, and told once in the log',
    preset: 'idrac',
    host: { settlesMs: 25_000, railsMs: 1_000, shutdownMs: 1_000, power: 'On' },
    before: async ({ run }) => {
      assert.is((await run('SetPowerState', [{ Payload: { PowerState: 'Off', Graceful: '0s' } }])).outcome, 'Applied');
    },
    payload: ON,
    outcome: 'Applied',
    sent: ['On'],
    orders: ['On'],
    power: 'On',
  },
  {
    title: 'B04 a shutdown that hangs in PoweringOff, with Force: switched off hard',
    host: { shutdownMs: 3_600_000 },
    payload: { ...OFF, Graceful: '1m', Force: true },
    outcome: 'Applied',
    sent: ['GracefulShutdown', 'ForceOff'],
    orders: ['GracefulShutdown', 'ForceOff'],
    power: 'Off',
  },
  {
    title: 'WaitFor OSRunning: waits for the boot',
    host: { power: 'Off', bootMs: 120_000 },
    payload: { ...ON, WaitFor: 'OSRunning' },
    outcome: 'Applied',
    orders: ['On'],
    after: ({ bmc }) => assert.is(bmc.host.now().progress, 'OSRunning'),
  },
  {
    title: 'WaitFor OSRunning, and the boot hangs: failed',
    host: { power: 'Off', os: 'hangs' },
    payload: { ...ON, WaitFor: 'OSRunning', Within: '3m' },
    outcome: 'NotApplied',
    error: /the host is on, and its BootProgress is .* after 3m$/,
    orders: ['On'],
  },
  {
    title: 'WaitFor OSRunning on iLO: refused, nothing is sent',
    preset: 'ilo',
    host: { power: 'Off' },
    payload: { ...ON, WaitFor: 'OSRunning' },
    outcome: 'Unsupported',
    orders: [],
    posts: 0,
  },
  {
    title: 'a task that is accepted and completes: Applied by the state',
    host: { power: 'Off' },
    faults: [{ kind: 'task', method: 'POST', path: '/Actions/', end: 'Completed', polls: 1 }],
    payload: ON,
    outcome: 'Applied',
    orders: ['On'],
  },
  {
    title: 'a task that is accepted and fails: told at once, not after Within',
    host: { power: 'Off' },
    faults: [{ kind: 'task', method: 'POST', path: '/Actions/', end: 'Exception', polls: 1 }],
    payload: ON,
    outcome: 'Refused',
    error: /^permanent: system: its task ended in Exception/,
    orders: [],
    posts: 1,
  },
];

for (const each of CASES) play(each);

test('B36 a stop while it waits for a graceful shutdown: interrupted, nothing more is sent', async () => {
  const machine = await startMachine({ preset: 'openbmc', clock: fastClock(TIMES), host: { os: 'ignores ACPI' } });
  const stop = new AbortController();
  const payload = [{ Payload: { ...OFF, Graceful: '10m', Force: true } }];
  const running = machine.run('SetPowerState', payload, {
    signal: stop.signal,
    wait: (_, seen) => {
      if (seen.entries[0]?.['Sent']) stop.abort(new Error('stop'));
      return Promise.reject(stop.signal.reason);
    },
  });
  const result = await running;
  assert.is(result.outcome, 'Interrupted', JSON.stringify(result));
  assert.equal(machine.bmc.host.orders, ['GracefulShutdown']);
  assert.is(machine.bmc.sessions, 0);
  await machine.close();
});

test('B38 a BMC that takes OperationApplyTime is not sent it', async () => {
  const machine = await startMachine({ preset: 'openbmc', clock: fastClock(TIMES) });
  const info = { SupportedValues: ['Immediate', 'AtMaintenanceWindowStart'] };
  machine.bmc.write(SYSTEM, 'Actions/#ComputerSystem.Reset/@Redfish.OperationApplyTimeSupport', info);
  // the simulated BMC refuses what it does not know
  const result = await machine.run('SetPowerState', [{ Payload: OFF }]);
  assert.is(result.outcome, 'Applied', JSON.stringify(result));
  await machine.close();
});

test.run();
