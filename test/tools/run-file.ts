// Runs one test file with uvu and tells its tally. See run.ts for why uvu's own command is not used.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const GRACE_MS = 5_000;

/** What uvu keeps between `suite.run()` and `exec()`; its own command line uses the same globals. */
interface UvuGlobals {
  UVU_DEFER?: number;
  UVU_QUEUE?: [string | null, ...(() => Promise<[unknown, number, number, number]>)[]][];
  UVU_INDEX?: number;
}

const path = process.argv[2] ?? '';
const globals = globalThis as UvuGlobals;
const tally = { passed: 0, failed: 0 };

process.on('unhandledRejection', (reason) => {
  console.error('unhandled rejection:', reason);
  tally.failed += 1;
});

globals.UVU_DEFER = 1;
globals.UVU_QUEUE = [[path]];
globals.UVU_INDEX = 0;
const { exec } = await import('uvu'); // only now: uvu reads UVU_DEFER when it is loaded
await import(pathToFileURL(join(import.meta.dirname, '..', path)).href);
globals.UVU_QUEUE = globals.UVU_QUEUE.map(([name, ...suites]) => [name, ...suites.map(counted)]);
await exec();
console.log(`\nTALLY ${tally.passed} ${tally.failed}`);
process.exitCode = tally.failed || tally.passed === 0 ? 1 : 0;
setTimeout(() => {
  console.error('still open after the tests:', process.getActiveResourcesInfo().join(', '));
  process.exit(1);
}, GRACE_MS).unref();

/** Counts a suite's tests; one that did not run (a hook threw, `skip`, or `only` was left in) has failed. */
function counted(suite: () => Promise<[unknown, number, number, number]>): typeof suite {
  return async () => {
    const result = await suite();
    const [, passed, skipped, total] = result; // with `only`, total counts but the chosen
    tally.passed += passed;
    tally.failed += total - passed + skipped;
    return result;
  };
}
