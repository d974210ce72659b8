// The demonstration fleet: its own jobs succeed on its machines, as many as there are, and it can be kept.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDemoFleet } from '../../controller/demo/fleet.ts';
import { until } from '../support/git-folder.ts';
import { JOBS, openTestService } from '../support/service.ts';
import { temporary } from '../support/temporary-folder.ts';

test('#19.4 each job of the demonstration succeeds, the first run on all of its machines', async () => {
  const { service, fleet, ask, stop } = await openTestService({ machines: 5 });
  try {
    const jobs = [...service.agenda.jobs.keys()].filter((id) => !service.agenda.jobs.get(id)?.spec.Suspend);
    assert.ok(jobs.length >= 6, jobs.join());
    for (const id of jobs) {
      const { status } = await ask(`${JOBS}/${id}/Actions/Trigger`, { method: 'POST', token: 'sesame' });
      assert.is(status, 202, id);
    }
    const done = (id: string) => typeof service.agenda.status(id)?.LastRun?.EndTime === 'string';
    await until(() => jobs.every(done));
    for (const id of jobs) assert.equal(service.agenda.status(id)?.LastRun?.FailedMachines, [], id);
    const profiles = fleet.bmcs.map((bmc) => bmc.get('Oem/OpenBmc/Fan/Profile'));
    assert.is(profiles.length, 5);
    assert.equal(new Set(profiles.slice(1)), new Set(['PowerSaver']));
  } finally {
    await stop();
  }
});

test('#17.4 a mixed rack is switched off in the evening and on in the morning, host by host', async () => {
  const { service, fleet, ask, stop } = await openTestService({ vendors: true });
  const powers = () => fleet.bmcs.map(({ host }) => host.now().power).join();
  const run = async (id: string) => {
    assert.is((await ask(`${JOBS}/${id}/Actions/Trigger`, { method: 'POST', token: 'sesame' })).status, 202, id);
    await until(() => typeof service.agenda.status(id)?.LastRun?.EndTime === 'string', 120_000);
    assert.equal(service.agenda.status(id)?.LastRun?.FailedMachines, [], id);
  };
  try {
    assert.equal([...service.agenda.jobs.keys()].sort(), ['evening', 'first-run', 'morning', 'next-morning']);
    assert.is(fleet.bmcs.length, 6);
    await run('evening');
    assert.is(powers(), 'Off,Off,Off,Off,Off,Off');
    await run('morning');
    assert.is(powers(), 'On,On,On,On,On,On');
    for (const { host } of fleet.bmcs) assert.equal(host.orders, ['GracefulShutdown', 'On']);
  } finally {
    await stop();
  }
});

test('#19.4 a fleet that was kept goes on: repository, machines and what they hold', async () => {
  const { path: folder, remove } = temporary();
  const first = await createDemoFleet({ machines: 3, folder, keep: true });
  await first.pushFirstRun('23:59:59');
  first.bmcs[0]?.put('ServiceIdentification', 'kept');
  const commit = await first.repository.ask('rev-parse', 'main');
  await first.remove();
  const again = await createDemoFleet({ machines: 3, folder, keep: true });
  assert.is(await again.repository.ask('rev-parse', 'main'), commit, 'nothing is to be described anew');
  assert.is(again.bmcs[0]?.get('ServiceIdentification'), 'kept');
  await again.remove();
  const more = await createDemoFleet({ machines: 4, folder, keep: true });
  assert.match(readFileSync(join(more.repository.clone, 'machines/demo.yaml'), 'utf8'), /ID: machine-4/);
  assert.match(readFileSync(join(more.repository.clone, 'jobs/first-run.yaml'), 'utf8'), /23:59:59/);
  await more.remove();
  remove();
});

test.run();
