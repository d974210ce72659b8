// A week of day and night on each vendor's BMC, with an outage from 21:00 to 09:00: what the manifests say holds in the
// end, and no host is switched off and on again (B10).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PresetName } from '../../controller/demo/presets/index.ts';
import type { Job, PayloadEntry } from '../../definitions/job.ts';
import { payloadLeft, supersessions, type WriteTime } from '../../definitions/safety/superseded.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { fastClock, startMachine, type TestMachine } from '../support/bmc.ts';
import { jobOf } from '../support/jobs.ts';

const CAPS: Readonly<Record<Exclude<PresetName, 'demo'>, { night: JsonObject; day: JsonObject } | null>> = {
  openbmc: { night: { LimitInWatts: 900 }, day: { LimitInWatts: 'None' } },
  idrac: { night: { LimitInWatts: 900, AllowHardPowerOff: true }, day: { LimitInWatts: 'None' } },
  ilo: { night: { LimitInWatts: 900 }, day: { LimitInWatts: 'None' } },
  xcc: { night: { LimitInWatts: 700 }, day: { LimitInWatts: 'None' } },
  supermicro: null, // an X10 has no power limit that Redfish shows
  gb300: { night: { LimitInWatts: 5000 }, day: { LimitInWatts: 5600 } },
};

/** The night after which nobody was there until 09:00. */
const OUTAGE = 4;

interface Due {
  readonly job: Job;
  readonly day: number;
  readonly nominal: string;
}

function dueOf(id: string, Action: string, values: JsonObject): Job {
  const Payload: PayloadEntry[] = [{ Payload: values }];
  return jobOf(id, { Machines: ['node-1'], Action, Payload });
}

/** What falls due in a week, in order. */
function week(preset: Exclude<PresetName, 'demo'>): readonly Due[] {
  const caps = CAPS[preset];
  const evening = [dueOf('off', 'SetPowerState', { PowerState: 'Off' })];
  const morning = [dueOf('on', 'SetPowerState', { PowerState: 'On' })];
  if (caps) {
    evening.unshift(dueOf('cap', 'SetPowerLimit', caps.night));
    morning.push(dueOf('uncap', 'SetPowerLimit', caps.day));
  }
  return [1, 2, 3, 4, 5, 6, 7].flatMap((day) => [
    ...evening.map((job) => ({ job, day, nominal: `2026-03-0${day}T22:00:00Z` })),
    ...morning.map((job) => ({ job, day, nominal: `2026-03-0${day + 1}T07:00:00Z` })),
  ]);
}

async function runDue({ run, machine }: TestMachine, due: readonly Due[]): Promise<void> {
  const writes = due.map(({ job, nominal }): WriteTime => ({ job, nominal, isMissed: true }));
  const found = due.length > 1 ? supersessions(writes, new Map([[machine.ID, machine]])) : new Map();
  for (const { job } of due) {
    const left = payloadLeft(job.spec.Action, job.spec.Payload, found.get(job.id)?.by.get(machine.ID));
    if (left.length === 0) continue;
    const { outcome, error } = await run(job.spec.Action, left);
    assert.ok(outcome === 'Applied' || outcome === 'Unchanged', `${job.id}: ${outcome} ${error}`);
  }
}

for (const preset of Object.keys(CAPS) as Exclude<PresetName, 'demo'>[]) {
  test(`B10 ${preset}: a week of day and night, with an outage from 21:00 to 09:00`, async () => {
    const options = { clock: fastClock(120), machine: { Type: 'Base', Timeout: '20m' } } as const;
    const machine = await startMachine({ preset, host: { bootMs: 5_000, shutdownMs: 2_000 }, ...options });
    try {
      const all = week(preset);
      for (const due of all.filter(({ day }) => day < OUTAGE)) await runDue(machine, [due]);
      const before = machine.bmc.host.orders.length;
      await runDue(
        machine,
        all.filter(({ day }) => day === OUTAGE),
      ); // all that was missed
      assert.equal(machine.bmc.host.orders.slice(before), [], 'the host was on, and is left on');
      for (const due of all.filter(({ day }) => day > OUTAGE)) await runDue(machine, [due]);
      assert.equal(machine.bmc.host.orders, Array(6).fill(['GracefulShutdown', 'On']).flat());
      assert.is(machine.bmc.host.now().power, 'On');
      const cap = CAPS[preset];
      if (cap) assert.is((await machine.run('SetPowerLimit', [{ Payload: cap.day }])).outcome, 'Unchanged');
    } finally {
      await machine.close();
    }
  });
}

test.run();
