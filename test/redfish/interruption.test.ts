import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Bmc } from '../../controller/demo/bmc.ts';
import { asked, entry, fastClock, startMachine } from '../support/bmc.ts';

const balanced = [entry('bmc', { Profile: 'Balanced' })];

async function until(fact: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000 && !fact(); tries += 1) await new Promise((done) => setTimeout(done, 10));
  assert.ok(fact(), 'it did not come about');
}

/** Waits until a BMC has got a request of a kind. */
const hears = (bmc: Bmc, what: string) => until(() => asked(bmc).some((each) => each.startsWith(what)));

for (const [what, fault, sent] of [
  ['while reading', { kind: 'slow', method: 'GET', path: 'Managers/bmc', ms: 2000 }, 'GET /redfish/v1/Managers/bmc'],
  ['while changing', { kind: 'slow', method: 'PATCH', ms: 2000 }, 'PATCH'],
  ['while logging in', { kind: 'slow', method: 'POST', ms: 2000 }, 'POST'],
] as const) {
  test(`R30 a stop ${what}: interrupted at once, and the session is ended all the same`, async () => {
    const { bmc, run, close } = await startMachine();
    bmc.faults.set({ ...fault, times: 1 });
    const stop = new AbortController();
    const running = run('PatchProfile', balanced, { signal: stop.signal });
    await hears(bmc, sent);
    stop.abort(new Error('stopping'));
    const result = await running;
    assert.is(result.outcome, 'Interrupted');
    assert.match(result.error ?? '', /^interrupted: the service stopped before manager bmc/);
    await until(() => bmc.sessions === 0);
    await close();
  });
}

test('the Timeout of a machine covers its whole part, and the session is ended after it', async () => {
  const { bmc, run, close } = await startMachine({ clock: fastClock() });
  bmc.faults.set({ kind: 'hang', method: 'PATCH' });
  const result = await run('PatchProfile', balanced, { machine: { Timeout: '12s' } });
  assert.is(result.outcome, 'NotApplied');
  assert.match(result.error ?? '', /^transient: manager bmc: sent, but not read back: .*Timeout of 12s/);
  assert.equal(result.entries, [{ ManagerID: 'bmc', OldProfile: 'Performance', NewProfile: null }], 'R34');
  assert.is(bmc.sessions, 0);
  await close();
});

test('a BMC that restarts in mid-run is waited for, logged in to again, and done', async () => {
  const { bmc, run, close } = await startMachine({ clock: fastClock(10), managers: ['bmc', 'bmc2'] });
  bmc.faults.set({ kind: 'slow', method: 'PATCH', ms: 2000, times: 1 });
  const payload = ['bmc', 'bmc2'].map((id) => entry(id, { Profile: 'Balanced' }));
  const running = run('PatchProfile', payload, { machine: { Timeout: '240s' } });
  await hears(bmc, 'PATCH');
  await bmc.restart(5000);
  const result = await running;
  assert.is(result.outcome, 'Applied', result.error ?? '');
  assert.is(asked(bmc, 'POST').length, 2);
  assert.is(bmc.sessions, 0);
  await close();
});

test('a clock that stands still does not hold up a run that needs no waiting', async () => {
  const still = { now: () => new Date(0), sleep: () => new Promise<void>(() => undefined) };
  const { run, close } = await startMachine({ clock: still });
  assert.is((await run('PatchProfile', balanced)).outcome, 'Applied');
  await close();
});

test.run();
