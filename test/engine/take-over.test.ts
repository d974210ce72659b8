// What a controller makes of runs that another process began. The engine is in memory.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PartToResume, SharedClaim, SharedRuns } from '../../controller/runs/part/shared-runs.ts';
import { type Claim, interrupted, type Result, type RunID } from '../../definitions/run.ts';
import { createTestSystem, facts, type TestSystem } from '../support/controller.ts';
import type { TestSystemOptions } from '../support/lifecycle.ts';
import { daily } from '../support/manifests.ts';

/** An engine that outlives the controllers. */
interface MemoryEngine extends SharedRuns {
  readonly claims: Map<RunID, SharedClaim>;
  readonly ended: Set<RunID>;
  /** What it knows of parts, by machine; nothing: they never began. */
  readonly ends: Map<string, Result | 'under way'>;
  readonly asked: PartToResume[];
  /** Claimed by another controller right before this one does. */
  first: Claim | null;
  lost: string | null;
}

function createMemoryEngine(): MemoryEngine {
  const finished = new Map<RunID, number>();
  const engine: MemoryEngine = {
    claims: new Map(),
    ended: new Set(),
    ends: new Map(),
    asked: [],
    first: null,
    lost: null,
    handsOver: true,
    leaves: () => false,
    async state(openHere) {
      const open = [...engine.claims.values()].filter(({ claim }) => !engine.ended.has(claim.run));
      return { open, ended: new Set(openHere.filter((run) => engine.ended.has(run))), lost: engine.lost };
    },
    async claim(own) {
      const { job } = own;
      const counts = engine.first ? { claim: engine.first, job } : own;
      engine.claims.set(counts.claim.run, counts);
      return counts;
    },
    async resume(part) {
      engine.asked.push(part);
      const end = engine.ends.get(part.machine);
      if (end === 'under way') return part.carryOn();
      return end ?? (part.mayBegin ? null : interrupted(part.machine));
    },
    finished: (run, through) => void finished.set(run, through),
    published(through) {
      for (const [run, number] of finished) if (number <= through) engine.ended.add(run);
    },
  };
  return engine;
}

const test = suite<{ engine: MemoryEngine; system: TestSystem | null }>('take-over');
test.before.each((context) => {
  context.engine = createMemoryEngine();
  context.system = null;
});
test.after.each(async ({ system }) => {
  await system?.close();
});

const MACHINES = ['machine-1', 'machine-2'];
const done = (machine: string): Result => ({
  machine,
  outcome: 'Applied',
  entries: [],
  error: null,
  carriedOut: { began: '2026-03-10T22:00:01Z', elapsedMs: 1500 },
});

/** That of the first machine, whose log was public before the crash. */
const AS_PUBLISHED: Result = {
  ...done('machine-1'),
  entries: [{ ManagerID: 'bmc', OldProfile: null, NewProfile: 'PowerSaver' }],
  carriedOut: { began: '2026-03-10T22:00:00Z', elapsedMs: 0 },
};

/** The machines whose parts began after the crash. */
const carriedSince = (system: TestSystem) =>
  system.bmcs.carried
    .filter(({ start }) => start > new Date('2026-03-10T22:00:15Z'))
    .map(({ part }) => part.machine.ID);

interface Context {
  engine: MemoryEngine;
  system: TestSystem | null;
}

/** A run on two machines, of which the second never ends, and a SIGKILL in it. */
async function killed(context: Context, options: TestSystemOptions = {}): Promise<TestSystem> {
  const files = { 'jobs/nightly.yaml': daily({ Machines: MACHINES }), ...options.files };
  const system = await createTestSystem({ shared: context.engine, ...options, files });
  context.system = system;
  system.bmcs.behave('machine-2', { hangs: true });
  await system.advance('2026-03-10T22:00:10Z');
  await system.crash();
  system.bmcs.behave('machine-2', {});
  system.clock.advance(new Date('2026-03-10T22:00:20Z'));
  return system;
}

const logsOf = (system: TestSystem) =>
  system.logs().map((path) => {
    const { MachineID, Status, Timestamp, ExecutionTime } = system.log(path);
    return `${MachineID} ${Status} ${Timestamp} ${ExecutionTime}`;
  });

for (const isElsewhere of [false, true]) {
  const where = isElsewhere ? 'on another host' : 'on the same host';
  test(`R24 a start ${where} takes the result that is there, by its times, and begins nothing`, async (context) => {
    const system = await killed(context);
    context.engine.ends.set('machine-1', AS_PUBLISHED).set('machine-2', done('machine-2'));
    if (isElsewhere) system.move('elsewhere');
    await system.start();
    await system.advance(60_000);
    assert.equal(carriedSince(system), []);
    const taken = system.logs().filter((path) => system.log(path).MachineID === 'machine-2');
    assert.equal(
      taken.map((path) => system.log(path).ExecutionTime),
      ['1.500s'],
    );
    assert.is(system.logs().length, 2, `one for each: ${logsOf(system)}`);
    const { Status, ExecutionCount, LastRun } = system.status('nightly');
    assert.equal([Status, ExecutionCount, LastRun?.Succeeded], ['Completed', 1, 2]);
    assert.is(facts(system, 'nightly')?.['Status'], 'Completed');
    assert.equal([...context.engine.ended], [...context.engine.claims.keys()], 'nobody needs to take it over again');
  });
}

test('R23 a part that never began begins now; one that is under way is waited for', async (context) => {
  const system = await killed(context);
  context.engine.ends.set('machine-1', done('machine-1'));
  system.move('elsewhere');
  await system.start();
  await system.advance(60_000);
  assert.equal(carriedSince(system), ['machine-2']);
  assert.is(system.status('nightly').LastRun?.Succeeded, 2);
});

test('R22 a part that never began and is too late is interrupted', async (context) => {
  const late = daily({ Machines: MACHINES, Schedule: { StartingDeadline: '15s' } });
  const system = await killed(context, { files: { 'jobs/nightly.yaml': late } });
  context.engine.ends.set('machine-1', done('machine-1'));
  await system.start();
  await system.advance(60_000);
  assert.equal(
    context.engine.asked.map(({ machine, mayBegin }) => [machine, mayBegin]),
    [['machine-2', false]],
    'the one that is on record is not asked for',
  );
  assert.is(system.status('nightly').Status, 'Failed');
});

test('R24 a run that another controller has ended is closed here without a word', async (context) => {
  const system = await killed(context);
  for (const run of context.engine.claims.keys()) context.engine.ended.add(run);
  await system.start();
  await system.advance(60_000);
  assert.equal(system.of('recovered'), []);
  assert.equal(
    system.logs().map((path) => system.log(path).MachineID),
    ['machine-1'],
    'nothing is interrupted',
  );
});

test('R24 a claim that the engine does not know was cut off', async (context) => {
  const system = await killed(context);
  context.engine.claims.clear();
  await system.start();
  await system.advance(60_000);
  assert.is(system.of('recovered').length, 1);
  assert.is(system.status('nightly').Status, 'Failed');
});

test('R23 another controller was first: its claim counts, and each part goes on from there', async (context) => {
  const theirs: Claim = {
    run: 'nightly@2026-03-10T22:00:00Z',
    job: 'nightly',
    trigger: 'Schedule',
    nominal: '2026-03-10T22:00:00Z',
    start: '2026-03-10T21:59:59Z',
    action: 'PatchProfile',
    machines: ['machine-3'],
    commit: 'c1',
  };
  context.engine.first = theirs;
  context.engine.ends.set('machine-3', done('machine-3'));
  const files = { 'jobs/nightly.yaml': daily({ Machines: MACHINES }) };
  const system = await createTestSystem({ shared: context.engine, files });
  context.system = system;
  await system.advance('2026-03-10T22:01:10Z');
  assert.equal(system.bmcs.carried, [], 'nothing begins a second time');
  assert.equal(
    system.logs().map((path) => system.log(path).MachineID),
    ['machine-3'],
  );
  assert.is(system.status('nightly').LastRun?.StartTime, theirs.start);
});

test('EngineLostMemory: what is open is interrupted, what fell due is missed, and not caught up', async (context) => {
  const system = await killed(context, {
    files: { 'jobs/hourly.yaml': daily({ Name: 'Hourly', Machines: ['machine-3'], Schedule: { Time: '22:00:15' } }) },
  });
  context.engine.claims.clear();
  context.engine.lost = 'BMCRON_CLAIMS is gone';
  await system.start();
  await system.advance(60_000);
  assert.is(system.of('engine').filter(({ detail }) => detail.kind === 'LostMemory').length, 1);
  assert.is(system.status('nightly').Status, 'Failed');
  assert.equal(system.runs('hourly'), []);
  const { NextRunTime, Missed } = system.status('hourly');
  assert.is(NextRunTime, '2026-03-11T22:00:15Z');
  assert.match(Missed[0]?.Reason ?? '', /the engine lost its memory \(BMCRON_CLAIMS is gone\)/);
});

test.run();
