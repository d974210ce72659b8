// A whole service that tells: what people get when runs fail, pushes are refused, files are wrong, and nobody looks.
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSecretFields } from '../../controller/credentials.ts';
import type { ControllerEvent } from '../../controller/events/event.ts';
import { createTransport } from '../../controller/notices/transport.ts';
import { openService } from '../../controller/service.ts';
import { interrupted, type Outcome } from '../../definitions/run.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { commit, createGitFolder, GIT_ENVIRONMENT, git, remoteAndClone, until } from '../support/git-folder.ts';
import { daily, machines } from '../support/manifests.ts';
import { openTestReceiver } from '../support/receiver.ts';
import { assertNoSecret } from '../support/secrets.ts';

const SECRETS = ['s3cret-path', 't0ken-of-mine'];
const SETTINGS = {
  Notifications: [{ Name: 'oncall', Format: 'Webhook', SecretRef: 'oncall', GroupWait: '0s' }],
  DeadMan: { SecretRef: 'deadman' },
};

/** A service on a repository of its own, whose clock runs twenty times as fast, and who hears of it. */
async function openTellingService(files: Readonly<Record<string, string>>) {
  const at = createGitFolder();
  const [receiver, deadMan] = [await openTestReceiver(), await openTestReceiver()];
  const { bare: fleet, human } = remoteAndClone(at, { ...machines(2), ...files });
  const events: ControllerEvent[] = [];
  const bmcs: { outcome: Outcome } = { outcome: 'Unreachable' };
  const env = {
    BMCRON_ONCALL_URL: receiver.url,
    BMCRON_ONCALL_CA_CRT: receiver.ca,
    BMCRON_ONCALL_TOKEN: 't0ken-of-mine',
    BMCRON_DEADMAN_URL: deadMan.url,
    BMCRON_DEADMAN_CA_CRT: deadMan.ca,
  };
  const began = Date.now();
  const clock = createFastClock('2026-03-10T10:00:00Z', 20, () => Date.now() - began);
  const open = () =>
    openService({
      location: { fleet, branch: 'main' },
      stateDir: at.path('state'),
      environment: GIT_ENVIRONMENT,
      push: true,
      skipCI: false,
      pullIntervalMs: 60_000,
      random: Math.random,
      clock,
      executor: {
        async execute({ machine }) {
          const isGood = bmcs.outcome === 'Applied';
          const error = isGood ? null : 'https://10.0.0.1 did not answer (transient)';
          return { machine: machine.ID, outcome: bmcs.outcome, entries: isGood ? [{ ManagerID: 'bmc' }] : [], error };
        },
        recover: async ({ machine }) => interrupted(machine.ID),
      },
      transport: createTransport({ secrets: createSecretFields({ env }), clock }),
      observe: (event) => void events.push(event),
    });
  return {
    at,
    receiver,
    deadMan,
    events,
    bmcs,
    open,
    push: (changed: Readonly<Record<string, string | null>>) => push(human, changed),
    titles: () => receiver.calls.map(({ body }) => JSON.parse(body).Title as string),
    async close() {
      await Promise.all([receiver.close(), deadMan.close()]);
      assertNoSecret(at.root, SECRETS);
      assert.not.match(JSON.stringify(events), /s3cret-path|t0ken-of-mine/, 'R43');
      at.remove();
    },
  };
}

/** A person's push: again where the service was first. */
function push(human: string, files: Readonly<Record<string, string | null>>): void {
  commit(human, files);
  for (let tries = 1; ; tries += 1) {
    try {
      git(human, 'pull', '--quiet', '--rebase');
      git(human, 'push', '--quiet');
      return;
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

const asking = (token: string) => daily({ Machines: ['machine-1', 'machine-2'], more: { Trigger: token } });

test('N05, N10, N12, N15 a fleet is told of what fails and what is mended, and a refusal is in STATUS.md', async () => {
  const world = await openTellingService({
    'bmcron.yaml': JSON.stringify(SETTINGS),
    'jobs/nightly.yaml': asking('go-1'),
  });
  const { receiver, deadMan, events, bmcs, titles } = world;
  const service = await world.open();
  await service.controller.start();
  const running = service.controller.run();
  await until(() => titles().length === 1);
  assert.equal(titles(), ['nightly failed on 2 of 2 machines: Unreachable 2']);
  assert.match(JSON.parse(receiver.calls[0]?.body ?? '').Text, 'asked for by Ada (token go-1)', 'N12');
  assert.is(JSON.parse(receiver.calls[0]?.body ?? '').StatusPage, 'STATUS.md on branch main');

  bmcs.outcome = 'Applied';
  world.push({ 'jobs/nightly.yaml': asking('go-2'), 'jobs/odd.yaml': 'Name: [no name]\n' });
  service.controller.nudge();
  await until(() => titles().length === 3);
  assert.equal(titles().slice(1).sort(), [
    'jobs/odd.yaml is refused: 5 errors, the first at line 1 (R02)',
    'nightly has recovered',
  ]);
  await until(() => deadMan.calls.length >= 2);
  assert.equal([...new Set(deadMan.calls.map(({ method, body }) => `${method}${body}`))], ['GET'], 'N15');

  receiver.answers = { status: 410 };
  world.push({ 'jobs/odd.yaml': null });
  service.controller.nudge();
  const alert = 'receiver oncall of Notifications refuses notices since';
  const statusPage = async () => (await service.backend.others.left('STATUS.md'))?.bytes?.toString() ?? '';
  await until(async () => (await statusPage()).includes(alert));
  const refused = events.filter((event) => event.event === 'notice' && event.reason === 'HTTP 410');
  assert.is(refused.length, 1, 'no storm');

  world.push({ 'bmcron.yaml': '{}\n' });
  service.controller.nudge();
  await until(() => !existsSync(world.at.path('state', 'notices.json')));
  await service.controller.stop();
  await running;
  await service.close();
  await world.close();
});

test('N07 run --once tells before it ends, and the next one tells nothing of the past again', async () => {
  const world = await openTellingService({
    'bmcron.yaml': JSON.stringify({ ...SETTINGS, Notifications: [{ ...SETTINGS.Notifications[0], GroupWait: '1h' }] }),
    'jobs/nightly.yaml': asking('go-1'),
    'jobs/odd.yaml': 'Name: [no name]\n',
  });
  for (const count of [1, 1]) {
    const service = await world.open();
    await service.controller.start();
    await service.controller.once();
    await service.controller.stop();
    await service.close();
    assert.equal(world.titles(), ['nightly failed on 2 of 2 machines: Unreachable 2'].slice(0, count));
  }
  await world.close();
});

test.run();
