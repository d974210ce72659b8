// Measures what the program exists for, as ratios against the least that any program would have to do.
//   npm run bench [-- NAME…] [--json] [--short] [--profile]
// Each case runs in a process of its own, so that no case inherits another's heap or compiled code.
import { fork } from 'node:child_process';
import { CASES } from './cases.ts';
import type { Case, Row, Scale } from './row.ts';
import { table } from './table.ts';

const CASE_TIMEOUT_MS = 600_000;
const OPTIONS = ['--json', '--short', '--profile'];

async function main(words: readonly string[]): Promise<void> {
  const wanted = words.filter((word) => !word.startsWith('--'));
  const strange = words.find((word) => word.startsWith('--') && !OPTIONS.includes(word));
  const unknown = strange ?? wanted.find((word) => !CASES.some(({ name }) => name === word));
  if (unknown !== undefined) {
    console.error(
      `${unknown} is neither a case (${CASES.map(({ name }) => name).join(', ')}) nor ${OPTIONS.join(', ')}`,
    );
    process.exitCode = 2;
    return;
  }
  const scale: Scale = words.includes('--short') ? 'short' : 'full';
  const rows: Row[] = [];
  for (const each of CASES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    console.error(`${each.name}: ${each.what}`);
    const measured = await measureApart(each, scale, words.includes('--profile'));
    if (measured.length === 0) process.exitCode = 1;
    rows.push(...measured);
  }
  console.log(words.includes('--json') ? JSON.stringify(rows) : table(rows, CASES));
}

/** The rows of a case, from a process of its own; none when it failed, and then it has said why. */
function measureApart({ name }: Case, scale: Scale, profile: boolean): Promise<readonly Row[]> {
  return new Promise((resolve) => {
    let rows: readonly Row[] = [];
    const child = fork(new URL(import.meta.resolve('./run-case.js')), [name, scale], {
      stdio: ['ignore', 2, 2, 'ipc'], // standard output is for the result alone
      execArgv: ['--expose-gc', ...(profile ? ['--cpu-prof', `--cpu-prof-dir=.artifacts/profiles/${name}`] : [])],
      timeout: CASE_TIMEOUT_MS,
    });
    child.on('message', (message) => {
      rows = message as readonly Row[];
    });
    child.on('close', (code, signal) => {
      if (code !== 0) console.error(`${name} failed: ${signal ?? `exit ${code}`}`);
      resolve(code === 0 ? rows : []);
    });
  });
}

await main(process.argv.slice(2));
