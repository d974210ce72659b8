// The fuzzers as CI runs them, each for a bounded time: npm run test:fuzz. The seed, which each prints, follows from
// the commit: one that has passed is tried with the same inputs wherever it is tried again, the next one with others.
// Those that need no more than Node and git run beside each other.
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';

const SECONDS = 60;
const SEED = Number.parseInt(execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).slice(0, 7), 16);
const TOOL = join(import.meta.dirname, '../tools/fuzz.ts');

/** Whether one has found nothing; what it said stands together, whatever runs beside it. */
function fuzz(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = ['--import', 'tsx', TOOL, name, String(SEED), String(SECONDS)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    child.on('error', reject).on('close', (code) => {
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} npm run fuzz -- ${name}\n${said}`);
      resolve(code === 0);
    });
  });
}

const outcomes = [...(await Promise.all([fuzz('http'), fuzz('git')])), await fuzz('openapi')];
const failed = outcomes.filter((isGood) => !isGood).length;
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
