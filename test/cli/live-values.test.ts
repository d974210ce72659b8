import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLiveReader } from '../../controller/cli/fleet/live-reader.ts';
import { type LiveReader, withLive } from '../../controller/cli/fleet/live-values.ts';
import { systemClock } from '../../controller/clock.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import { preview } from '../../definitions/preview/preview.ts';
import { plainText } from '../../definitions/report/markdown.ts';
import { previewReport } from '../../definitions/report/preview-report.ts';
import { job, machines, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');

function foreseen(files: Readonly<Record<string, string>>, inventory = machines(3)) {
  const head = view({ 'machines/all.yaml': inventory, ...files });
  assert.equal(head.fleet.problems, []);
  const told = preview({
    base: view({ 'machines/all.yaml': inventory }),
    head,
    now: NOW,
    count: 1,
    finished: new Set(),
  });
  return { fleet: head.fleet, told };
}

test('plan --live: each machine and field as the BMC holds it, each BMC asked once', async () => {
  const { fleet, told } = foreseen({
    'jobs/a.yaml': job({ machines: 'm1, m2, m3' }),
    'jobs/b.yaml': job({ machines: 'm1', time: '03:00:00' }),
  });
  const asked: string[] = [];
  const read: LiveReader = async ({ ID }, places) => {
    asked.push(`${ID} ${[...places.keys()].join()}`);
    if (ID === 'm2') throw new Error('no answer');
    if (ID === 'm3') return new Map([['bmc', new Error('no such manager; it has bmc0')]]);
    return new Map([['bmc', { Oem: { OpenBmc: { Fan: { Profile: 'Acoustic' } } } }]]);
  };
  const live = await withLive(told, fleet, read);
  assert.equal(asked.sort(), ['m1 bmc', 'm2 bmc', 'm3 bmc']);
  const field = 'bmc Oem.OpenBmc.Fan.Profile';
  const wanted = 'PowerSaver';
  assert.equal(live.changes[0]?.live, [
    { machine: 'm1', field, wanted, now: 'Acoustic', error: null },
    { machine: 'm2', field, wanted, now: null, error: 'no answer' },
    { machine: 'm3', field, wanted, now: null, error: 'no such manager; it has bmc0' },
  ]);
  assert.match(plainText(previewReport(live)), `now on m1 ${field}: Acoustic`);
});

test('plan --live asks real BMCs over TLS, with the secret of the machine, and changes nothing', async () => {
  const login = { username: 'operator', password: 'correct-horse' };
  const bmc = await startBmc(login);
  try {
    const inventory = `ID: m1\nEndpoint: ${bmc.endpoint}\nCredentialsRef: lab\nTLS: { Fingerprint: "${bmc.fingerprint}" }\n`;
    const { fleet, told } = foreseen({ 'jobs/a.yaml': job() }, inventory);
    const credentials = { get: async () => login, ca: async () => '', exposed: async () => [] };
    const live = await withLive(
      told,
      fleet,
      createLiveReader({ credentials, clock: systemClock, signal: new AbortController().signal }),
    );
    const [value] = live.changes[0]?.live ?? [];
    assert.is(value?.error, null);
    assert.type(value?.now, 'string');
    const again = await withLive(
      told,
      fleet,
      createLiveReader({ credentials, clock: systemClock, signal: new AbortController().signal }),
    );
    assert.equal(again.changes, live.changes);
  } finally {
    await bmc.close();
  }
});

test.run();
