// bmcron on OpenStack's sushy-tools: TLS, Basic logins, no sessions, no ETags, an IndicatorLED, and little else to set.
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

/** What it lacks. */
const NAME = `PatchManager
Payload: { ManagerID: ${SUSHY_ID}, Payload: { ServiceIdentification: R7 } }`;
/** What it has: a light that is on at first. */
const LIGHT = `PatchSystem
Payload: { Payload: { LocationIndicatorActive: false } }`;
const power = (state: string) => `SetPowerState
Payload: { Payload: { PowerState: "${state}", Graceful: 1m } }`;
const RESTART = `ResetSystem
Payload: { Payload: { ResetType: ForceRestart, Within: 20s } }`;
/** It says of itself who it is, and the inventory of the test does not. */
const GUARDS = 'Guards:\n  - { Class: Host, Identity: Optional, MinInterval: null }\n';
const TAG = `PatchSystem
Payload: { Payload: { AssetTag: R7-U12 } }`;

/** A job that is triggered for this machine. */
const job = (name: string, action: string, token = 't1') => `Name: ${name}
Machines: [sushy]
Action: ${action}
Schedule: { Type: Once, Time: "23:59:59" }
Trigger: ${token}
`;

/** A fleet with a sushy-tools just started among its machines. */
async function on(
  room: PythonRoom,
  jobs: Readonly<Record<string, string>>,
  test: (fleet: CliFleet, bmc: SushyTools) => Promise<void>,
  { secret = 'right', changes = 0, orders = 0 } = {},
): Promise<void> {
  const bmc = await startSushyTools(room, 'operator', 'correct horse');
  const fleet = await createCliFleet({
    'machines/sushy.yaml': machineText('sushy', bmc, { Type: 'Extend', CredentialsRef: secret }),
    ...Object.fromEntries(Object.entries(jobs).map(([name, action]) => [`jobs/${name}.yaml`, job(name, action)])),
  });
  try {
    await test(fleet, bmc);
    const written = bmc.requests().filter((each) => !each.startsWith('GET'));
    const patches = written.filter((each) => each.startsWith('PATCH'));
    const posts = written.filter((each) => each.includes('/Actions/'));
    assert.equal([patches.length, posts.length], [changes, orders], written.join('\n'));
    assert.is(patches.length + posts.length, written.length, 'no session was opened');
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
  on(room, { 'name-it': NAME, light: LIGHT, tag: TAG }, async (fleet) => {
    const args = ['--credentials-dir', fleet.secrets, 'sushy', fleet.repository.clone];
    const { code, stdout, stderr } = await fleet.bmcron('probe', ...args);
    assert.match(stdout, new RegExp(SUSHY_ID), stdout + stderr);
    assert.match(stdout, /name-it.*(does not fit|Unsupported)/i);
    assert.match(stdout, /job light: fits/);
    assert.match(stdout, /job tag: does not fit/);
    assert.is(code, 0, stdout);
  }),
);

sushy('#22 run: Unsupported is told, again and again, and nothing is sent', ({ room }) =>
  on(room, { 'name-it': NAME }, async (fleet) => {
    const { code, stdout, stderr } = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
    assert.is(code, 1, stdout + stderr);
    const [record] = await records(fleet);
    assert.match(String(record?.['Error']), /^permanent: .* the manager has no ServiceIdentification; it has DateTime/);
  }),
);

sushy('#22.26 a wrong password is tried once for two jobs', ({ room }) =>
  on(
    room,
    { one: NAME, two: LIGHT },
    async (fleet, bmc) => {
      const { code } = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
      assert.is(code, 1);
      const failed = await records(fleet);
      assert.is(failed.length, 2);
      for (const record of failed) assert.match(String(record['Error']), /401|refused/);
      assert.is(bmc.requests().filter((each) => each.endsWith(' 401')).length, 1, bmc.requests().join('\n'));
    },
    { secret: 'wrong' },
  ),
);

sushy('#22 a light is switched off by its older name; once it is off nothing is sent', ({ room }) =>
  on(
    room,
    { light: LIGHT },
    async (fleet, bmc) => {
      const first = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
      assert.is(first.code, 0, first.stdout + first.stderr);
      const [record] = await records(fleet);
      const { OldLocationIndicatorActive: old, NewLocationIndicatorActive: now } = Object(record?.['Result']);
      assert.equal([record?.['Status'], old, now], ['success', true, false], JSON.stringify(record));
      assert.is(bmc.requests().filter((each) => each.startsWith('PATCH')).length, 1);
      await fleet.write({ 'jobs/light.yaml': job('light', LIGHT, 't2') });
      await fleet.repository.commit('Once more');
      const second = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
      assert.is(second.code, 0, second.stdout + second.stderr);
      assert.is((await records(fleet)).length, 2);
    },
    { changes: 1 },
  ),
);

sushy('#17 a host that is off is switched on and off, one order each; then nothing is sent', ({ room }) =>
  on(
    room,
    { off: power('On') },
    async (fleet, bmc) => {
      await fleet.write({ 'bmcron.yaml': GUARDS });
      await fleet.repository.commit('Hosts may be switched');
      const orders = () => bmc.requests().filter((each) => each.startsWith('POST'));
      for (const [token, state, count] of [
        ['t1', 'On', 1],
        ['t2', 'On', 1],
        ['t3', 'Off', 2],
      ] as const) {
        await fleet.write({ 'jobs/off.yaml': job('off', power(state), token) });
        await fleet.repository.commit(`${state} ${token}`);
        const { code, stdout, stderr } = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
        assert.is(code, 0, stdout + stderr);
        assert.is(orders().length, count, orders().join('\n'));
      }
      const last = (await records(fleet)).at(-1);
      assert.is(Object(last?.['Result'])['NewPowerState'], 'Off', JSON.stringify(last));
    },
    { orders: 2 },
  ),
);

sushy('#17 a host that is off is not restarted, and nothing is ordered', ({ room }) =>
  on(room, { restart: RESTART }, async (fleet) => {
    await fleet.write({ 'bmcron.yaml': GUARDS });
    await fleet.repository.commit('Hosts may be switched');
    const { stdout, stderr } = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
    const [record] = await records(fleet);
    assert.is(record?.['Error'], null, stdout + stderr);
    assert.match(Object(record?.['Result'])['Note'], /nothing to restart/);
  }),
);

sushy('#22 what it refuses is refused in its own words', ({ room }) =>
  on(room, { tag: TAG }, async (fleet) => {
    const { code, stdout, stderr } = await fleet.bmcron('run', fleet.repository.clone, ...ONCE);
    assert.is(code, 1, stdout + stderr);
    assert.match(String((await records(fleet))[0]?.['Error']), /AssetTag/);
  }),
);

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  sushy(`#22.23 ${signal} while it hangs: the next start says what became of it`, ({ room }) =>
    on(room, { light: LIGHT }, async (fleet, bmc) => {
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
      // asked to end it may finish what it began, within the machine's Timeout
      assert.match(String(ended[0]?.['Error']), signal === 'SIGTERM' ? /interrupted|Timeout/ : /^interrupted/);
    }),
  );
}

sushy.run();
