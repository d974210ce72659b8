import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startServing } from '../../controller/server/serve.ts';
import { systemTest } from '../scenarios/scenario.ts';
import type { TestSystem } from '../support/controller.ts';
import { daily } from '../support/manifests.ts';
import { until } from '../support/service.ts';

interface Shown {
  readonly jobs: readonly { readonly id: string; readonly endings: readonly (readonly [string, string, number])[] }[];
  readonly machines: readonly { readonly id: string; readonly days: readonly (readonly number[])[] }[];
  readonly facts: { readonly unpushed: number };
}

interface ShownRun {
  readonly claim: Readonly<Record<string, unknown>>;
  readonly finish: { readonly succeeded: number; readonly failures: number };
  readonly parts: readonly { readonly MachineID: string; readonly outcome: string; readonly Error: string | null }[];
  readonly waiting: readonly string[];
}

/** Serves a system that has started, and reads what the page shows. */
async function served(system: TestSystem, read: (ask: (path: string) => Promise<unknown>) => Promise<void>) {
  const options = { listen: '127.0.0.1:0', anyFreePort: false, push: true };
  const errors: unknown[] = [];
  const observe = (event: object) => void errors.push(event);
  const serving = await startServing(system.service, options, { clock: system.clock, observe });
  serving.observe({ event: 'ready', jobs: 1, machines: 1, cpuMs: 1 });
  await read(async (path) => (await fetch(serving.origin + path)).json());
  await serving.close();
  assert.equal(errors, []);
}

const shownRun = (run: string) => `/page/runs/${encodeURIComponent(run)}`;

for (const layout of ['files', 'segments'] as const) {
  systemTest(`#22.4 a start from Git alone shows the runs before it: ${layout}`, async (set) => {
    const system = await set({
      files: {
        'bmcron.yaml': `Logs: { Layout: ${layout} }\n`,
        'jobs/nightly.yaml': daily({ Machines: ['machine-1', 'machine-2'] }),
        'jobs/other.yaml': daily({ Time: '22:00:00', Machines: ['machine-3'] }),
      },
    });
    system.bmcs.next('machine-2', {}, { error: 'permanent: manager bmc: no such manager' });
    await system.advance('2026-03-12T22:01:00Z');
    let before: Shown | null = null;
    await served(system, async (ask) => {
      before = (await ask('/page/state')) as Shown;
    });
    await system.stop();
    await system.removeState();
    await system.start();
    await served(system, async (ask) => {
      const now = await until(async () => {
        const state = (await ask('/page/state')) as Shown;
        return state.jobs.some(({ endings }) => endings.length > 0) ? state : null;
      });
      assert.is(now.jobs[0]?.endings.length, 3);
      assert.equal(
        now.jobs.map(({ endings }) => endings),
        before?.jobs.map(({ endings }) => endings),
      );
      assert.equal(now.machines, before?.machines);
      assert.is(now.facts.unpushed, 0, 'what is read in Git is public');
      const run = (await ask(shownRun('nightly@2026-03-12T22:00:00Z'))) as ShownRun;
      assert.equal([run.claim['trigger'], run.claim['start']], ['Schedule', '2026-03-12T22:00:00Z']);
      const failed = (await ask(shownRun('nightly@2026-03-11T22:00:00Z'))) as ShownRun;
      assert.equal([failed.finish.succeeded, failed.finish.failures, failed.waiting], [1, 1, []]);
      assert.equal(
        failed.parts.map(({ MachineID, outcome, Error: error }) => [MachineID, outcome, error]),
        [
          ['machine-2', 'failed', 'permanent: manager bmc: no such manager'],
          ['machine-1', 'success', null],
        ],
      );
    });
    await system.advance('2026-03-13T22:01:00Z');
    await served(system, async (ask) => {
      const isWhole = async () => ((await ask('/page/state')) as Shown).jobs[0]?.endings.length === 4;
      await until(isWhole); // the last run by the journal, those before it by Git
      const { machines } = (await ask('/page/state')) as Shown;
      assert.equal(
        machines[0]?.days.map(([, succeeded, failed]) => [succeeded, failed]),
        Array(4).fill([1, 0]),
      );
    });
  });
}

test.run();
