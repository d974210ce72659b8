// A manager that is reset is gone for a while, and comes back as managers do; by the BMC's clock.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { own } from '../../definitions/values/json.ts';
import { until } from '../support/git-folder.ts';
import { ask, onPreset } from './talk.ts';

test('#17.4 a manager that restarts serves on, is gone, refuses once, and is Starting before it is up', async () => {
  const restarts = { servesOnMs: 20_000, downMs: 90_000, refusals: 1, startingMs: 10_000 };
  await onPreset(
    'openbmc',
    async (bmc, clock) => {
      const reset = 'Managers/bmc/Actions/Manager.Reset';
      assert.is((await ask(bmc, 'POST', reset, { ResetType: 'GracefulRestart' })).status, 204);
      assert.is((await ask(bmc, 'GET', 'Managers/bmc')).status, 200, 'it serves on');
      clock.advance(new Date('2026-03-10T10:00:20Z'));
      await until(() => clock.sleeping('bmc').some((each) => each.toISOString() === '2026-03-10T10:01:50.000Z'));
      await until(() =>
        ask(bmc, 'GET', '').then(
          () => false,
          () => true,
        ),
      ); // nobody answers
      clock.advance(new Date('2026-03-10T10:01:50Z'));
      await until(() =>
        ask(bmc, 'GET', '').then(
          ({ status }) => status === 401,
          () => false,
        ),
      );
      const { status, body } = await ask(bmc, 'GET', 'Managers/bmc');
      assert.is(status, 200);
      assert.is(own(body['Status'], 'State'), 'Starting');
      assert.is(body['LastResetTime'], '2026-03-10T10:00:00+00:00');
      clock.advance(new Date('2026-03-10T10:02:00Z'));
      assert.is(own((await ask(bmc, 'GET', 'Managers/bmc')).body['Status'], 'State'), 'Enabled');
    },
    { restarts },
  );
});

test('#17.4 a manager that never returns never returns', async () => {
  await onPreset(
    'openbmc',
    async (bmc, clock) => {
      await ask(bmc, 'POST', 'Managers/bmc/Actions/Manager.Reset', { ResetType: 'ForceRestart' });
      clock.advance(new Date('2026-03-10T10:00:01Z'));
      await until(() =>
        ask(bmc, 'GET', '').then(
          () => false,
          () => true,
        ),
      );
      assert.is(clock.next(), null);
    },
    { restarts: { downMs: Number.POSITIVE_INFINITY } },
  );
});

test('#17.4 an iLO restarts by itself when SSH is switched', async () => {
  await onPreset('ilo', async (bmc, clock) => {
    await ask(bmc, 'PATCH', 'Managers/1/NetworkProtocol', { KVMIP: { ProtocolEnabled: false } });
    assert.is(clock.next(), null, 'KVM is no reason');
    await ask(bmc, 'PATCH', 'Managers/1/NetworkProtocol', { SSH: { ProtocolEnabled: false } });
    clock.advance(new Date('2026-03-10T10:00:01Z'));
    await until(() => clock.sleeping('bmc').length > 0);
    clock.advance(new Date('2026-03-10T10:00:06Z'));
    await until(() =>
      ask(bmc, 'GET', 'Managers/1').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    assert.is(own(bmc.read('/redfish/v1/Managers/1/NetworkProtocol')?.['SSH'], 'ProtocolEnabled'), false);
  });
});

test.run();
