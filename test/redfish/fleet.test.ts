// 200 BMCs, a third of them faulty in mixed ways, ten times over: the healthy ones are as fast as without the others,
// each faulty one ends as it should, and nothing is left: no session on any BMC, no socket, no timer here.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCredentials } from '../../controller/credentials.ts';
import { type Bmc, type Fault, startBmc } from '../../controller/demo/bmc.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { Result } from '../../definitions/run.ts';
import { entry, fastClock, loopbackSecret, machineOf, PASSWORD } from '../support/bmc.ts';

const COUNT = 200;
const ROUNDS = 10;
const PROFILES = ['PowerSaver', 'Balanced'];
const patching = { method: 'PATCH' } as const;

/** What is wrong, and how a part then ends. */
const TROUBLES: readonly (readonly [string, readonly Fault[], Result['outcome'], RegExp])[] = [
  ['hangs', [{ kind: 'hang', ...patching }], 'NotApplied', /transient/],
  ['hangs at once', [{ kind: 'hang' }], 'Unreachable', /transient/],
  ['drops', [{ kind: 'drop' }], 'Unreachable', /transient/],
  ['drops each change', [{ kind: 'drop', ...patching }], 'Unreachable', /transient/],
  [
    'has no time',
    [{ kind: 'answer', ...patching, status: 503, headers: { 'Retry-After': '900' } }],
    'NotApplied',
    /900/,
  ],
  ['fails', [{ kind: 'set-fails' }], 'NotApplied', /transient.*InternalError/],
  ['forgets', [{ kind: 'ignore' }], 'NotApplied', /permanent.*accepted, not applied/],
  ['has an old password', [{ kind: 'password-expired' }], 'Refused', /permanent.*expired/],
  ['fails a task', [{ kind: 'task', end: 'Exception', polls: 1 }], 'NotApplied', /permanent.*Exception/],
  ['hides its error', [{ kind: 'error-in-200' }], 'Refused', /permanent/],
  ['forgets sessions', [{ kind: 'expire', ...patching }], 'Refused', /permanent.*401/],
  ['wants what cannot be', [{ kind: 'if-match', status: 412, form: 'none' }], 'Refused', /permanent.*412/],
  ['is spoilt', [{ kind: 'odd-property' }], 'NotApplied', /transient.*500/],
  ['has no fans', [{ kind: 'no-fan' }], 'Unsupported', /permanent/],
];

const clock = fastClock(2);
const executor = createLocalExecutor({
  credentials: createCredentials({ env: loopbackSecret() }),
  clock,
  settleMs: 0,
  random: () => 0,
});

interface Ran {
  readonly result: Result;
  readonly ms: number;
}

async function runAll(bmcs: readonly Bmc[], Profile: string): Promise<readonly Ran[]> {
  const signal = new AbortController().signal;
  return await Promise.all(
    bmcs.map(async (bmc, index) => {
      const began = performance.now();
      const hangs = index % 3 === 0 && troubled(index)?.[0].startsWith('hangs');
      const machine = machineOf(bmc, { ID: `node-${index}`, Timeout: hangs ? '12s' : '240s' });
      const payload = [entry('bmc', { Profile })];
      const result = await executor.execute({ run: 'r', job: 'j', action: 'PatchProfile', machine, payload }, signal);
      return { result, ms: performance.now() - began };
    }),
  );
}

const troubled = (index: number) => TROUBLES[(index / 3) % TROUBLES.length];
const losesAnswers = (index: number) => index % 3 === 0 && /^(hangs|drops)/.test(troubled(index)?.[0] ?? '');
const healthy = (_: unknown, index: number) => index % 3 !== 0;

function median(ran: readonly Ran[]): number {
  const times = ran.filter(healthy).map(({ ms }) => ms);
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

/** What keeps this process alive, but for the servers that listen and what the runtime needs itself. */
function held(): string[] {
  return process.getActiveResourcesInfo().filter((each) => /Timeout|TCPSocket|TLS/.test(each));
}

async function settles(fact: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !fact(); tries += 1) await new Promise((done) => setTimeout(done, 50));
}

test(`${COUNT} BMCs, a third of them faulty, ${ROUNDS} rounds`, async () => {
  const bmcs = await Promise.all(Array.from({ length: COUNT }, () => startBmc({ password: PASSWORD, clock })));
  await runAll(bmcs, 'Custom'); // warm: the first round pays for the compiler
  const alone = median(await runAll(bmcs, 'Performance'));
  bmcs.forEach((bmc, index) => {
    if (index % 3 === 0) bmc.faults.set(...(troubled(index)?.[1] ?? []));
  });
  const medians: number[] = [];
  const left: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const ran = await runAll(bmcs, PROFILES[round % PROFILES.length] ?? '');
    ran.forEach(({ result }, index) => {
      const [what, , outcome, error] = index % 3 === 0 ? (troubled(index) ?? []) : [];
      assert.is(result.outcome, outcome ?? 'Applied', `round ${round}, node ${index} ${what ?? ''}: ${result.error}`);
      if (error) assert.match(result.error ?? '', error, what);
    });
    for (const [index, bmc] of bmcs.entries()) {
      // A login whose answer never came leaves a session whose token nobody has: it is the BMC's to forget.
      const most = losesAnswers(index) ? round + 1 : 0;
      assert.ok(bmc.sessions <= most, `${bmc.sessions} sessions left on node ${index} in round ${round}`);
    }
    medians.push(median(ran));
    await settles(() => held().length <= 5);
    left.push(held().length);
  }
  const mixed = medians.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  console.log(`median of the healthy: ${alone.toFixed(0)} ms without faulty ones, ${mixed.toFixed(0)} ms with them`);
  assert.ok(mixed <= alone * 3 + 1000, 'the healthy wait for the faulty');
  assert.ok(
    left.every((count) => count <= 5),
    `sockets and timers left after each round: ${left}`,
  );
  await Promise.all(bmcs.map((bmc) => bmc.close()));
});

test.run();
