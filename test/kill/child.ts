// A real controller in a process of its own, to be killed: child.ts REPOSITORY STATE_DIR HEARD [MS]. What its BMCs hear
// is appended to the file HEARD at once, as a BMC would remember it whatever becomes of the controller.
import { appendFileSync } from 'node:fs';
import { systemClock } from '../../controller/clock.ts';
import type { Executor } from '../../controller/executors/executor.ts';
import { interrupted } from '../../definitions/run.ts';
import { runController } from './controller.ts';

const [fleet = '', stateDir = '', heard = '', took] = process.argv.slice(2);
const LONGEST_MS = 400;

const executor: Executor = {
  async execute({ run, machine }, signal) {
    appendFileSync(heard, `begin ${run}/${machine.ID}\n`);
    const takesMs = took === undefined ? Math.random() * LONGEST_MS : Number(took);
    const wait = systemClock.sleep(new Date(Date.now() + takesMs), signal);
    if (await wait.then(() => false).catch(() => true)) return interrupted(machine.ID);
    appendFileSync(heard, `end ${run}/${machine.ID}\n`);
    return { machine: machine.ID, outcome: 'Applied', entries: [{ ManagerID: 'bmc' }], error: null };
  },
  recover: async ({ machine }) => interrupted(machine.ID),
};

await runController(fleet, stateDir, executor);
