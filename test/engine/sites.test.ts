import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { siteAlerts } from '../../controller/engine/served-sites.ts';
import { machinesBySite, siteLimit, siteOf } from '../../definitions/engine/site.ts';
import type { Machine } from '../../definitions/machine.ts';
import { SITE_DEFAULTS } from '../../definitions/settings.ts';

const SITES = { fra1: SITE_DEFAULTS, ber1: { ...SITE_DEFAULTS, MaxConnections: 7 } };
const machine = (ID: string, site?: string): Machine => ({
  ID,
  Type: 'Base',
  Endpoint: 'https://10.0.0.1',
  Timeout: '60s',
  ...(site !== undefined && { Labels: { site } }),
});

test('R62 a machine is at the site that its label says, where Sites names it', () => {
  assert.is(siteOf(machine('a', 'fra1'), SITES), 'fra1');
  for (const label of [undefined, 'ams1', 'toString', '__proto__']) assert.is(siteOf(machine('a', label), SITES), null);
  const machines = new Map(['fra1', 'fra1', undefined].map((site, n) => [`m${n}`, machine(`m${n}`, site)]));
  assert.equal(
    [...machinesBySite(machines, SITES)],
    [
      ['fra1', 2],
      ['ber1', 0],
    ],
  );
  const inForce = { machines: new Map([['b', machine('b', 'ber1')]]), settings: { Sites: SITES } };
  assert.equal(siteLimit(inForce, 'b'), { site: 'ber1', limit: 7 });
  assert.is(siteLimit(inForce, 'gone'), null);
});

test('R62 STATUS.md says which site nobody serves', () => {
  const state = { site: 'fra1', workers: 0, machines: 14, waiting: 0, isWithout: true };
  assert.equal(siteAlerts([state, { ...state, isWithout: false }]), [
    'NoWorker: site fra1 has no worker; 14 machines wait: start `bmcron worker` there.',
  ]);
});

test.run();
