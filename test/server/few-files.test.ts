import { connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCliFleet, jobText, serveWithin, until } from '../support/command.ts';

test('#20.5 more idle clients than files: health is answered, a job runs and is published', async () => {
  const fleet = await createCliFleet({ 'jobs/nightly.yaml': jobText(['machine-1'], 'Balanced', '23:59:59') });
  const { child, printed, exit } = serveWithin(
    200,
    fleet,
    fleet.repository.clone,
    '--local',
    '--listen',
    '127.0.0.1:0',
  );
  const origin = () => /listening: (http:[0-9.:/]+)/.exec(printed.stdout)?.[1];
  const crowd: ReturnType<typeof connect>[] = [];
  try {
    await until(() => origin() !== undefined && printed.stdout.includes('"ready"'), 'it listens');
    const port = Number(new URL(origin() ?? '').port);
    for (let each = 0; each < 400; each += 1) crowd.push(connect(port, '127.0.0.1').on('error', () => undefined));
    await until(() => crowd.every(({ connecting }) => !connecting), 'all are connected, or refused');
    assert.is((await fetch(`${origin()}/healthz`)).status, 200);
    await fleet.write({ 'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59', 'Trigger: t1') });
    await fleet.repository.commit('Now');
    await until(() => printed.stdout.includes('nightly completed on 1 machine'), `it runs: ${printed.stdout}`);
    await until(() => printed.stdout.includes('published as commit'), 'it is published');
    assert.is((await fetch(`${origin()}/readyz`)).status, 200);
    child.kill('SIGTERM');
    assert.is(await exit, 0, printed.stderr);
  } finally {
    for (const socket of crowd) socket.destroy();
    child.kill('SIGKILL');
    await fleet.remove();
  }
});

test.run();
