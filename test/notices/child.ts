// A real controller in a process of its own, to be killed: child.ts FLEET STATE_DIR BEGAN. Its BMCs never answer, and
// its clock, which showed 10:00 when the host's was at BEGAN, is sixty times as fast. Its environment has the secrets.
import { createSecretFields } from '../../controller/credentials.ts';
import { createTransport } from '../../controller/notices/transport.ts';
import { openService } from '../../controller/service.ts';
import { runUntilSignal } from '../../controller/signals.ts';
import { interrupted } from '../../definitions/run.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { GIT_ENVIRONMENT } from '../support/git-folder.ts';

/** A real second. */
const LONGEST_MS = 60_000;
const [fleet = '', stateDir = '', began] = process.argv.slice(2);
const clock = createFastClock('2026-03-10T10:00:00Z', 60, () => Date.now() - Number(began));
const transport = createTransport({ secrets: createSecretFields({ env: process.env }), clock });
const service = await openService({
  location: { fleet },
  stateDir,
  environment: GIT_ENVIRONMENT,
  push: true,
  skipCI: false,
  pullIntervalMs: 600_000,
  executor: {
    async execute({ machine }) {
      await clock.sleep(new Date(clock.now().getTime() + Math.random() * LONGEST_MS));
      return { machine: machine.ID, outcome: 'Unreachable', entries: [], error: 'no answer (transient)' };
    },
    recover: async ({ machine }) => interrupted(machine.ID),
  },
  random: Math.random,
  clock,
  observe: () => undefined,
  transport,
});
await runUntilSignal(service, async () => {
  await service.controller.start();
  process.stdout.write('ready\n');
});
await service.close();
