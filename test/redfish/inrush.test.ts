// Hosts that one executor switches on follow each other, so that no rack draws all at one moment (SetPowerState).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCredentials } from '../../controller/credentials.ts';
import { type Bmc, startBmc } from '../../controller/demo/bmc.ts';
import type { Wait } from '../../controller/executors/executor.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { Result } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { fastClock, loopbackSecret, machineOf, PASSWORD } from '../support/bmc.ts';
import { resets, TIMES } from './acceptance-power.ts';

const clock = fastClock(TIMES);

interface Switched {
  readonly bmcs: readonly Bmc[];
  readonly results: readonly Result[];
  /** When the hosts that had to wait for their turn were to be sent something, in order. */
  readonly turns: readonly number[];
}

/** Switches so many hosts at once; `meanwhile` happens while a host waits for its turn. */
async function switchAll(count: number, payload: JsonObject, meanwhile?: (bmc: Bmc) => void): Promise<Switched> {
  const power = payload['PowerState'] === 'On' ? 'Off' : 'On';
  const options = { password: PASSWORD, clock, preset: 'openbmc', host: { power } } as const;
  const bmcs = await Promise.all(Array.from({ length: count }, () => startBmc(options)));
  const credentials = createCredentials({ env: loopbackSecret() });
  const executor = createLocalExecutor({ credentials, clock, settleMs: 0, random: () => 0 });
  const turns: number[] = [];
  const waited = new Set<Bmc>();
  const results = await Promise.all(
    bmcs.map((bmc, index) => {
      const wait: Wait = async (until, seen) => {
        if (seen.entries[0]?.['Sent'] === undefined && !waited.has(bmc)) {
          waited.add(bmc);
          turns.push(until.getTime());
          assert.is(bmc.sessions, 0, 'it waits without a session');
          meanwhile?.(bmc);
        }
        await clock.sleep(until);
      };
      const machine = machineOf(bmc, { ID: `node-${index}`, Type: 'Base' });
      const part = { run: 'r', job: 'j', action: 'SetPowerState', machine, payload: [{ Payload: payload }] };
      return executor.execute(part, new AbortController().signal, wait);
    }),
  );
  await Promise.all(bmcs.map((bmc) => bmc.close()));
  return { bmcs, results, turns: turns.sort((a, b) => a - b) };
}

test('#17 hosts are switched on two seconds after each other, each once', async () => {
  const { bmcs, results, turns } = await switchAll(5, { PowerState: 'On' });
  for (const result of results) assert.is(result.outcome, 'Applied', JSON.stringify(result));
  for (const bmc of bmcs) assert.equal([bmc.host.orders, bmc.sessions], [['On'], 0]);
  assert.ok(turns.length >= 3, 'all but those for which two seconds had passed anyway wait');
  for (const [index, turn] of turns.slice(1).entries()) {
    const apart = turn - (turns[index] ?? 0);
    assert.is(apart % 2_000, 0, `${apart} ms`);
    assert.ok(apart > 0, 'no two have one turn');
  }
});

test('#17 a host that somebody switches on while it waits for its turn is sent nothing', async () => {
  const { bmcs, results, turns } = await switchAll(3, { PowerState: 'On' }, (bmc) => bmc.host.order('On'));
  for (const result of results) assert.match(result.outcome, /^(Applied|Unchanged)$/, JSON.stringify(result));
  assert.is(bmcs.flatMap((bmc) => resets({ bmc })).length, bmcs.length - turns.length);
});

test('#17 hosts are switched off without waiting for each other', async () => {
  const { results, turns } = await switchAll(3, { PowerState: 'Off' });
  for (const result of results) assert.is(result.outcome, 'Applied', JSON.stringify(result));
  assert.equal(turns, []);
});

test.run();
