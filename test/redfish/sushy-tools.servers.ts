// bmcron on OpenStack's sushy-tools: TLS, Basic logins, no sessions, and little that can be set.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../definitions/values/json.ts';
import { type CliFleet, createCliFleet, machineText, serve, until } from '../support/command.ts';
import { createPythonRoom, type PythonRoom } from '../support/python.ts';
import { SUSHY_ID, SUSHY_TOOLS, type SushyTools, startSushyTools } from '../support/sushy-tools.ts';

const sushy = suite<{ readonly room: PythonRoom }>('sushy-tools');
sushy.before(async (context) => {
  Object.assign(context, { room: await createPythonRoom(SUSHY_TOOLS) });
});
sushy.after(({ room }) => room.remove());

/** A job that is triggered for this machine. */
const job = (name: string) => `Name: ${name}
Machines: [sushy]
Action: PatchManager
Payload: { ManagerID: ${SUSHY_ID}, Payload: { ServiceIdentification: R7 } }
Schedule: { Type: Once, Time: "23:59:59" }
Trigger: t1
`;

/** A fleet with a sushy-tools just started among its machines. */
async function on(
  room: PythonRoom,
  names: readonly string[],
  test: (fleet: CliFleet, bmc: SushyTools) => Promise<void>,
  secret = 'right',
): Promise<void> {
  const bmc = await startSushyTools(room, 'operator', 'correct horse');
  const fleet = await createCliFleet({
    'machines/sushy.yaml': machineText('sushy', bmc, { Type: 'Extend', CredentialsRef: secret }),
    ...Object.fromEntries(names.map((name) => [`jobs/${name}.yaml`, job(name)])),
  });
  try {
    await test(fleet, bmc);
    const written = bmc.requests().filter((each) => !each.startsWith('GET'));
    assert.equal(written, [], 'nothing was changed, no session was opened');
  } finally {
    await bmc.stop();
    await fleet.remove();
  }
}

/** The log records at the tip. */
async function records({ repository }: CliFleet): Promise<readonly JsonObject[]> {
  const git = (...args: string[]) => repository.ask(...args);
  const names = (await git('ls-tree', '-r', '--name-only', 'main', 'logs')).trim().split('\n').filter(Boolean);
  return Promise.all(names.map(async (name) => JSON.parse(await git('show', `main:${name}`)) as JsonObject));
}

const ONCE = ['--remote', 'origin', '--once'];

sushy('#22 probe: finds the manager, and says that what it has not is not supported', ({ room }) =>
  on(room, ['name-it'], async (fleet) => {
    const args = ['--credentials-dir', fleet.secrets, 'sushy', fleet.repository.clone];
    const { code, stdout, stderr } = await fleet.bmcron('probe', ...args);
    assert.match(stdout, new RegExp(SUSHY_ID), stderr);
    assert.match(stdout, /name-it.*(does not fit|Unsupported)/i);
    assert.is(code, 0, stdout);
  }),
);

sushy('#22 run: Unsupported is told, again and again, and nothing is sent', ({ room }) =>
  on(room, ['name-it'], async (fleet) => {
    const { code, stdout, stderr } = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
    assert.is(code, 1, stdout + stderr);
    const [record] = await records(fleet);
    assert.match(String(record?.['Error']), /^permanent: .* the manager has no ServiceIdentification; it has DateTime/);
  }),
);

sushy('#22.26 a wrong password is tried once for two jobs', ({ room }) =>
  on(
    room,
    ['one', 'two'],
    async (fleet, bmc) => {
      const { code } = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
      assert.is(code, 1);
      const failed = await records(fleet);
      assert.is(failed.length, 2);
      for (const record of failed) assert.match(String(record['Error']), /401|refused/);
      assert.is(bmc.requests().filter((each) => each.endsWith(' 401')).length, 1, bmc.requests().join('\n'));
    },
    'wrong',
  ),
);

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  sushy(`#22.23 ${signal} while it hangs: the next start says what became of it`, ({ room }) =>
    on(room, ['name-it'], async (fleet, bmc) => {
      bmc.pause();
      const run = serve(fleet, fleet.repository.clone, ...ONCE);
      await until(() => run.printed.stdout.includes('"started"'), `the run has begun: ${run.printed.stderr}`);
      run.child.kill(signal);
      const code = await run.exit;
      assert.is.not(code, 0, run.printed.stdout);
      bmc.goOn();
      const again = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
      const ended = await records(fleet);
      assert.is(ended.length, 1, again.stdout + again.stderr);
      assert.match(String(ended[0]?.['Error']), /interrupted|aborted|stopped/i);
    }),
  );
}

sushy.run();
