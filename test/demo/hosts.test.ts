// On every preset a host does what a Reset asks, in its own time; refusals leave it alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRESETS, type PresetName } from '../../controller/demo/presets/index.ts';
import { ask, hostOf, onPreset, passUntil, power, resetOf } from './talk.ts';

const NAMES = Object.keys(PRESETS) as PresetName[];
for (const preset of NAMES) {
  test(`#17.4 ${preset}: its host goes off when asked, and on again`, async () => {
    await onPreset(preset, async (bmc, clock) => {
      const { accepted } = PRESETS[preset].habits;
      assert.is(power(bmc, preset), 'On');
      assert.is((await ask(bmc, 'POST', resetOf(preset), { ResetType: 'GracefulShutdown' })).status, accepted);
      const shown = preset === 'gb300' || 'fans' in PRESETS[preset] ? 'PoweringOff' : 'On';
      assert.is(power(bmc, preset), shown, 'while the OS shuts down');
      await passUntil(clock, () => power(bmc, preset) === 'Off');
      assert.is(clock.now().toISOString(), '2026-03-10T10:00:05.000Z');
      assert.is((await ask(bmc, 'POST', resetOf(preset), { ResetType: 'On' })).status, accepted);
      await passUntil(clock, () => power(bmc, preset) === 'On');
      await passUntil(clock, () => bmc.host.now().progress === 'OSRunning');
      assert.equal(bmc.host.orders, ['GracefulShutdown', 'On']);
    });
  });

  test(`#17.4 ${preset}: refuses a reset that is not in its list, and one without a type`, async () => {
    await onPreset(preset, async (bmc) => {
      const wrong = await ask(bmc, 'POST', resetOf(preset), { ResetType: 'Suspend' });
      assert.is(wrong.status, 400);
      assert.match(wrong.messages[0] ?? '', /^ActionParameter(NotSupported|ValueNotInList)$/);
      assert.is((await ask(bmc, 'POST', resetOf(preset), {})).status, 400);
      assert.equal(bmc.host.orders, []);
    });
  });

  test(`#17.4 ${preset}: a PATCH is all or nothing, read-only properties and unknown ones are told apart`, async () => {
    await onPreset(preset, async (bmc) => {
      const path = hostOf(preset);
      const before = await ask(bmc, 'GET', path);
      const answer = await ask(bmc, 'PATCH', path, { Nope: 1, Model: 'x' });
      assert.is(answer.status, 400);
      assert.equal(answer.messages, ['PropertyUnknown', PRESETS[preset].habits.readOnly]);
      assert.equal((await ask(bmc, 'GET', path)).body, before.body);
    });
  });
}

test.run();
