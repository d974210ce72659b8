import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Bmc } from '../../controller/demo/bmc.ts';
import type { Executor, Wait } from '../../controller/executors/executor.ts';
import type { Machine } from '../../definitions/machine.ts';
import { type Part, type Result, succeeded } from '../../definitions/run.ts';
import { asked, machineOf } from '../support/bmc.ts';

/** An executor under test, and the BMC that it talks to. */
export interface Subject {
  readonly executor: Executor;
  /** A part that changes something. */
  readonly part: Part;
  /** What the BMC holds of what the part changes. */
  value(): unknown;
  /** Sets that behind everybody's back. */
  set(value: string): void;
  /** What it holds once the part is carried out. */
  readonly wanted: unknown;
  /** The BMC does what it is told, and its answer is lost. */
  loseAnswer(): void;
  /** The BMC never answers. */
  hang(): void;
  /** How often the BMC was told to change something. */
  changes(): number;
  /** How often it was asked anything. */
  requests(): number;
  close(): Promise<void>;
}

/** What a subject is but for its executor: a BMC whose profile a part sets. @param labels of its machine */
export function onBmc(bmc: Bmc, job = 'job', labels?: Machine['Labels']): Omit<Subject, 'executor' | 'close'> {
  bmc.put('Oem/OpenBmc/Fan/Profile', 'Balanced');
  return {
    part: {
      run: 'job@now',
      job,
      action: 'PatchProfile',
      machine: machineOf(bmc, labels ? { Labels: labels } : {}),
      payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    },
    wanted: 'PowerSaver',
    value: () => bmc.get('Oem/OpenBmc/Fan/Profile'),
    set: (value) => bmc.put('Oem/OpenBmc/Fan/Profile', value),
    loseAnswer: () => bmc.faults.set({ kind: 'drop', applied: true, method: 'PATCH', times: 1 }),
    hang: () => bmc.faults.set({ kind: 'hang' }),
    changes: () => asked(bmc, 'PATCH').length,
    requests: () => asked(bmc).length,
  };
}

const OUTCOMES = /^(Unchanged|Applied|PartlyApplied|NotApplied|Unsupported|Unreachable|Refused|Interrupted)$/;

/** A test that gets a subject of its own. */
type OnSubject = (title: string, play: (subject: Subject) => Promise<void>) => void;

/** What any executor must hold: it never rejects, tells the truth, stops when told, may be asked again. */
export function executorContract(name: string, create: () => Promise<Subject>): void {
  const on: OnSubject = (title, play) =>
    test(`${name}: ${title}`, async () => {
      const subject = await create();
      try {
        await play(subject);
      } finally {
        await subject.close();
      }
    });

  on(
    'R36 carries out a part, and its result is plain JSON that names the machine',
    async ({ executor, part, ...bmc }) => {
      const result = await executor.execute(part, never());
      sound(result, part);
      assert.is(result.outcome, 'Applied');
      assert.equal(bmc.value(), bmc.wanted);
    },
  );

  on('R35 the same in a later run changes nothing and succeeds', async ({ executor, part, changes }) => {
    await executor.execute(part, never());
    const before = changes();
    const again = await executor.execute(later(part), never());
    assert.is(again.outcome, 'Unchanged');
    assert.is(changes(), before);
  });

  on('R23 a name is done at most once: asked for again, it changes nothing', async ({ executor, part, changes }) => {
    const first = await executor.execute(part, never());
    const before = changes();
    const again = await executor.execute(part, never());
    assert.ok(again.outcome === 'Unchanged' || again.outcome === first.outcome, again.outcome);
    assert.is(changes(), before);
  });

  on('the same part twice at once ends as if once', async ({ executor, part, ...bmc }) => {
    const results = await Promise.all([executor.execute(part, never()), executor.execute(part, never())]);
    for (const result of results) sound(result, part);
    assert.ok(results.some(({ outcome }) => succeeded(outcome)));
    assert.equal(bmc.value(), bmc.wanted);
  });

  on('R36 a lost answer is no success by itself: what is told is what was read', async ({ executor, part, ...bmc }) => {
    bmc.loseAnswer();
    const result = await executor.execute(part, never());
    sound(result, part);
    if (succeeded(result.outcome)) assert.equal(bmc.value(), bmc.wanted);
    else assert.match(result.error ?? '', /transient|permanent/);
  });

  stops(on);
  waits(on);
  records(on);
  looksAgain(on);
  neverRejects(on);
}

function stops(on: OnSubject): void {
  on('R30 a part that is told to stop ends soon, as interrupted', async ({ executor, part, hang }) => {
    hang();
    const stop = new AbortController();
    const running = executor.execute(part, stop.signal);
    setTimeout(() => stop.abort(new Error('stopped')), 50);
    const result = await running;
    sound(result, part);
    assert.is(result.outcome, 'Interrupted');
    assert.match(result.error ?? '', 'interrupted');
  });

  on('a part that was stopped before it began tells the BMC nothing', async ({ executor, part, changes }) => {
    const result = await executor.execute(part, AbortSignal.abort(new Error('stopped')));
    sound(result, part);
    assert.is(result.outcome, 'Interrupted');
    assert.is(changes(), 0);
  });
}

/** What an executor says while it only waits: Applied is a value that was looked at once more. */
function waits(on: OnSubject): void {
  on('#15.1 before it waits it says until when, and what it has read by then', async ({ executor, part, ...bmc }) => {
    const waited: Result[] = [];
    const result = await executor.execute(part, never(), async (until, seen) => {
      assert.ok(Number.isFinite(until.getTime()));
      assert.equal(bmc.value(), bmc.wanted, 'what it waits for has been sent');
      waited.push(seen);
    });
    for (const seen of waited) {
      sound(seen, part);
      assert.equal([seen.outcome, seen.entries], [result.outcome, result.entries]);
    }
    assert.is(waited.length, 1);
    const again: Wait = async () => assert.unreachable('what has changed nothing has nothing to wait for');
    assert.is((await executor.execute(later(part), never(), again)).outcome, 'Unchanged');
  });

  on('#15.1 while it waits it asks the BMC nothing, however long that is', async ({ executor, part, ...bmc }) => {
    let isOver = () => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    let before = 0;
    const result = executor.execute(part, never(), async () => {
      before = bmc.requests();
      await over;
      assert.is(bmc.requests(), before);
    });
    setTimeout(isOver, 100);
    assert.is((await result).outcome, 'Applied');
    assert.ok(before > 0 && bmc.requests() > before, 'then it looks once more');
  });

  on(
    '#15.1 R30 told to stop while it waits, it ends as interrupted with what it has read',
    async ({ executor, part }) => {
      const stop = new AbortController();
      let entries: Result['entries'] = [];
      const result = await executor.execute(part, stop.signal, async (_until, seen) => {
        entries = seen.entries;
        stop.abort(new Error('stopped'));
        stop.signal.throwIfAborted();
      });
      sound(result, part);
      assert.is(result.outcome, 'Interrupted');
      assert.ok(entries.length > 0);
      assert.equal(result.entries, entries);
    },
  );
}

/** What an executor says before it sends: what it was is known whatever happens then. */
function records(on: OnSubject): void {
  on('R61 V10 what was read is on record before anything is sent, and once', async ({ executor, part, ...bmc }) => {
    const recorded: Result[] = [];
    const was = bmc.value();
    const result = await executor.execute(part, never(), undefined, async (seen) => {
      assert.equal([bmc.changes(), bmc.value()], [0, was]);
      await new Promise(setImmediate);
      assert.is(bmc.changes(), 0, 'it waits until that is durable');
      recorded.push(seen);
    });
    assert.is(result.outcome, 'Applied');
    const [only, ...others] = recorded;
    assert.equal(others, []);
    assert.equal(Object.values(only?.entries[0] ?? {}).slice(-2), [was, null], 'Old is known, New is not');
    await executor.execute(part, never(), undefined, async () => assert.unreachable('nothing is to be sent'));
  });

  on('R61 what cannot be recorded is not sent', async ({ executor, part, ...bmc }) => {
    const result = await executor.execute(part, never(), undefined, () =>
      Promise.reject(new Error('the disk is full')),
    );
    sound(result, part);
    assert.match(result.error ?? '', /transient.*could not be recorded, so nothing was sent: the disk is full/);
    assert.is(bmc.changes(), 0);
  });
}

/** What an executor tells of a part that a crash cut off. */
function looksAgain(on: OnSubject): void {
  for (const [value, told] of [
    ['PowerSaver', 'as it was set'],
    ['Balanced', 'as it was before'],
    ['Acoustic', 'neither as it was set nor as before'],
  ] as const) {
    on(`V11 a part that was cut off, and its value is ${value}: ${told}`, async ({ executor, part, ...bmc }) => {
      bmc.set(value);
      const seen = [{ ManagerID: 'bmc', OldProfile: 'Balanced', NewProfile: null }];
      const result = await executor.recover({ ...part, seen }, never());
      sound(result, part);
      assert.equal([result.outcome, result.entries], ['Interrupted', [{ ...seen[0], NewProfile: value }]]);
      assert.match(result.error ?? '', `Profile ${told}`);
      assert.is(bmc.changes(), 0, 'it only looks');
    });
  }

  on('V11 a part that was cut off, and nobody can look: what it was is told', async ({ executor, part, hang }) => {
    hang();
    const seen = [{ ManagerID: 'bmc', OldProfile: 'Balanced', NewProfile: null }];
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stopped')), 50);
    const result = await executor.recover({ ...part, seen }, stop.signal);
    sound(result, part);
    assert.equal([result.outcome, result.entries], ['Interrupted', seen]);
    assert.match(result.error ?? '', /interrupted.*in vain/);
  });
}

function neverRejects(on: OnSubject): void {
  for (const [what, change] of [
    ['an action that there is not', (part: Part) => ({ ...part, action: 'PatchNothing' })],
    [
      'a machine that is not there',
      (part: Part) => ({ ...part, machine: { ...part.machine, Endpoint: 'https://127.0.0.1:9' } }),
    ],
    ['a payload of nonsense', (part: Part) => ({ ...part, payload: [{ ManagerID: 'nope', Payload: { Profile: 7 } }] })],
  ] as const) {
    on(`${what} is a result, never a rejection`, async ({ executor, part }) => {
      const result = await executor.execute(change(part), never());
      sound(result, part);
      assert.not.ok(succeeded(result.outcome));
      assert.match(result.error ?? '', /transient|permanent/);
    });
  }
}

function later(part: Part): Part {
  return { ...part, run: 'job@later' };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function sound(result: Result, part: Part): void {
  assert.is(result.machine, part.machine.ID);
  assert.match(result.outcome, OUTCOMES);
  assert.is(result.error === null, succeeded(result.outcome), 'R34 an error exactly where there is no success');
  assert.equal(JSON.parse(JSON.stringify(result)), result, 'it travels');
}
