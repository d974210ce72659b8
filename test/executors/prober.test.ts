import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { type Probed, probeMachine } from '../../controller/executors/prober.ts';
import type { Job, PayloadEntry } from '../../definitions/job.ts';
import type { Machine } from '../../definitions/machine.ts';
import type { Json } from '../../definitions/values/json.ts';
import { entry, loopbackSecret, startMachine, type TestMachine } from '../support/bmc.ts';

const FAN = 'Oem/OpenBmc/Fan';

/** What a job asks for, and what its BMC has not; nothing: the job fits. */
const CASES: readonly {
  readonly what: string;
  readonly action: string;
  readonly entry: PayloadEntry;
  /** Paths in the manager, and what stands there instead. */
  readonly put?: Readonly<Record<string, Json | undefined>>;
  readonly machine?: Partial<Machine>;
}[] = [
  { what: 'PatchManager', action: 'PatchManager', entry: entry('bmc', { ServiceIdentification: 'r7' }) },
  {
    what: 'PatchManager on a manager without ServiceIdentification',
    action: 'PatchManager',
    entry: entry('bmc', { ServiceIdentification: 'r7' }),
    put: { ServiceIdentification: undefined },
  },
  { what: 'PatchProfile', action: 'PatchProfile', entry: entry('bmc', { Profile: 'PowerSaver' }) },
  {
    what: 'a profile that the board does not offer',
    action: 'PatchProfile',
    entry: entry('bmc', { Profile: 'PowerSaver' }),
    put: { [`${FAN}/Profile@Redfish.AllowableValues`]: ['Performance'] },
  },
  {
    what: 'a manager without fan data',
    action: 'PatchProfile',
    entry: entry('bmc', { Profile: 'PowerSaver' }),
    put: { [FAN]: undefined },
  },
  {
    what: 'a manager that is not there',
    action: 'PatchManager',
    entry: entry('bmc9', { ServiceIdentification: 'r7' }),
  },
  {
    what: 'a zone',
    action: 'PatchFanZone',
    entry: entry('bmc', { MinThermalOutput: 30 }, { FanZoneID: 'cpu_zone' }),
  },
  {
    what: 'a zone that is not there',
    action: 'PatchFanZone',
    entry: entry('bmc', { MinThermalOutput: 30 }, { FanZoneID: 'gpu_zone' }),
  },
  {
    what: 'a zone without one of two fields',
    action: 'PatchFanZone',
    entry: entry('bmc', { MinThermalOutput: 30, FailSafePercent: 90 }, { FanZoneID: 'cpu_zone' }),
    put: { [`${FAN}/FanZones/cpu_zone/FailSafePercent`]: undefined },
  },
  {
    what: 'a PID controller without its field',
    action: 'PatchPidController',
    entry: entry('bmc', { SetPoint: 70 }, { PidControllerID: 'cpu_temp_controller' }),
    put: { [`${FAN}/PidControllers/cpu_temp_controller/SetPoint`]: undefined },
  },
  {
    what: 'a machine of another Type',
    action: 'PatchProfile',
    entry: entry('bmc', { Profile: 'PowerSaver' }),
    machine: { Type: 'Base' },
  },
];

function jobOf(Action: string, Payload: readonly PayloadEntry[]): Job {
  const Schedule = { Type: 'Once', Time: '22:00:00' } as const;
  const spec = { Name: 'Asked', Machines: ['node-1'], Action, Payload, Schedule };
  return {
    id: 'asked',
    spec,
    machines: spec.Machines,
    version: 'v',
    source: { file: 'jobs/asked.yaml', document: 0, blob: '' },
    commit: '',
  };
}

function probe({ machine }: TestMachine, job: Job, change: Partial<Machine> = {}): Promise<Probed> {
  return probeMachine({ ...machine, ...change }, [job], {
    credentials: createCredentials({ env: loopbackSecret() }),
    clock: systemClock,
    signal: new AbortController().signal,
    random: () => 0.5,
  });
}

for (const { what, action, entry: asked, put = {}, machine } of CASES) {
  test(`#22.5 ${what}: probe says what the run says, and changes nothing`, async () => {
    const at = await startMachine();
    for (const [path, value] of Object.entries(put)) at.bmc.put(path, value);
    const probed = await probe(at, jobOf(action, [asked]), machine);
    assert.ok(at.bmc.requests.every(({ method }) => method !== 'PATCH'));
    assert.is(at.bmc.sessions, 0);
    const ran = await at.run(action, [asked], machine ? { machine } : {});
    const reason = ran.error?.replace(/: manager [^:]*:/, ':') ?? null;
    assert.equal(probed.jobs, [{ job: 'asked', error: reason }]);
    assert.is(reason === null, ran.outcome === 'Applied' || ran.outcome === 'Unchanged');
    await at.close();
  });
}

test.run();
