import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createFairLimit,
  createKeyedMutex,
  createSiteConnections,
  type FairLimit,
  type Place,
} from '../../controller/runs/concurrency.ts';

/** Work that notes when it is admitted, and goes on until a test ends it. */
interface ControlledWork {
  /** Whose work was admitted, in order. */
  readonly entered: readonly string[];
  enter(name: string): () => Promise<string>;
  /** Ends the work of these, and lets what follows from it happen. */
  leave(...names: readonly string[]): Promise<void>;
}

function createControlledWork(): ControlledWork {
  const entered: string[] = [];
  const inside = new Map<string, () => void>();
  return {
    entered,
    enter: (name) => () => {
      entered.push(name);
      return new Promise((resolve) => inside.set(name, () => resolve(name)));
    },
    async leave(...names) {
      for (const name of names) inside.get(name)?.();
      await new Promise(setImmediate);
    },
  };
}

const turn = () => new Promise(setImmediate);

/** Each letter is a key, as a run is; `a1 a2 b1` ask in this order; who leaves, one by one → who was let in, in order. */
const FAIRNESS: readonly (readonly [title: string, limit: number, asks: string, entered: string])[] = [
  ['there is room for all', 9, 'a1 a2 b1', 'a1 a2 b1'],
  ['one key: in the order of asking', 1, 'a1 a2 a3', 'a1 a2 a3'],
  ['a lone one waits for one of the crowd, not for all', 1, 'a1 a2 a3 a4 a5 b1', 'a1 a2 b1 a3 a4 a5'],
  ['crowds take turns', 1, 'a1 a2 a3 b1 b2 b3', 'a1 a2 b1 a3 b2 b3'],
  ['of a crowd as many as there are places, then turns', 2, 'a1 a2 a3 a4 b1 c1', 'a1 a2 a3 b1 c1 a4'],
  ['many lone ones: first come, first served', 2, 'a1 b1 c1 d1 e1', 'a1 b1 c1 d1 e1'],
];

for (const [title, limit, asks, expected] of FAIRNESS) {
  test(`R26 ${limit} places, ${title}: ${asks} → ${expected}`, async () => {
    const fair = createFairLimit(limit);
    const { entered, enter, leave } = createControlledWork();
    const all = asks.split(' ').map((name) => fair.run(name.charAt(0), enter(name)));
    await turn();
    assert.is(entered.length, Math.min(limit, all.length));
    for (let next = 0; next < all.length; next += 1) {
      assert.ok(fair.active <= limit);
      await leave(entered[next] ?? '');
    }
    assert.equal(entered.join(' '), expected);
    assert.equal(await Promise.all(all), asks.split(' '), 'each gets what its own work gave');
    assert.equal([fair.active, fair.waiting], [0, 0]);
  });
}

type Act = (fair: FairLimit, leave: (...names: readonly string[]) => Promise<void>) => void | Promise<void>;

/** Five want to run with a limit of two; then this happens → who was admitted. */
const RESIZED: readonly (readonly [title: string, act: Act, entered: string, active: number, waiting: number])[] = [
  ['it grows: at once', (fair) => fair.resize(4), 'a b c d', 4, 1],
  ['it grows beyond all', (fair) => fair.resize(10_000), 'a b c d e', 5, 0],
  ['it shrinks: nobody is thrown out', (fair) => fair.resize(1), 'a b', 2, 3],
  [
    'it shrinks: the first to leave makes no room',
    async (fair, leave) => {
      fair.resize(1);
      await leave('a');
    },
    'a b',
    1,
    3,
  ],
  [
    'it shrinks: the second one does',
    async (fair, leave) => {
      fair.resize(1);
      await leave('a');
      await leave('b');
    },
    'a b c',
    1,
    2,
  ],
  [
    'it shrinks and grows',
    async (fair, leave) => {
      fair.resize(1);
      await leave('a');
      fair.resize(3);
    },
    'a b c d',
    3,
    1,
  ],
];

for (const [title, act, expected, active, waiting] of RESIZED) {
  test(`R25 R26 ${title}: ${expected} were let in, ${active} are inside, ${waiting} wait`, async () => {
    const fair = createFairLimit(2);
    const { entered, enter, leave } = createControlledWork();
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => fair.run(name, enter(name)));
    await turn();
    await act(fair, leave);
    await turn();
    assert.is(entered.join(' '), expected);
    assert.equal([fair.active, fair.waiting], [active, waiting]);
    fair.resize(10);
    await leave('a', 'b', 'c', 'd', 'e');
    await leave('c', 'd', 'e');
    await Promise.all(all);
  });
}

/**
 * Each waits once, from when it is in, until its time; who leaves, or comes back (`+a`), one by one → who worked, in
 * order. `a:3` has the time 3.
 */
const COMING_BACK: readonly (readonly [title: string, limit: number, asks: string, acts: string, worked: string])[] = [
  ['its place goes to the next', 1, 'a:1 b:2', '', 'a b'],
  ['it comes back to a free place', 1, 'a:1', '+a', 'a +a'],
  ['it comes back ahead of those that have had none', 1, 'a:1 b:9 c:9', '+a b', 'a b +a'],
  ['of two the one whose time came first', 1, 'a:2 b:1 c:9 d:9', '+a +b c', 'a b c +b'],
  ['of two with one time the first to ask', 1, 'a:1 b:1 c:9', '+b +a c', 'a b c +b'],
  ['a crowd of them: in order of their times', 1, 'a:3 b:2 c:1 d:9', '+a +b +c d c b', 'a b c d +c +b +a'],
];

for (const [title, limit, asks, acts, expected] of COMING_BACK) {
  test(`#15.1 R26 ${limit} place, who waits gives way, ${title}: ${asks}, ${acts} → ${expected}`, async () => {
    const fair = createFairLimit(limit);
    const { entered, enter, leave } = createControlledWork();
    const timeIsUp = new Map<string, () => void>();
    const names = asks.split(' ').map((ask) => ask.split(':') as [string, string]);
    const work = (name: string, time: string) => async (place: Place) => {
      const stays = enter(name)();
      if (time === '9') return stays;
      place.leave();
      await new Promise<void>((resolve) => timeIsUp.set(name, resolve));
      await place.retake(new Date(Number(time)));
      return enter(`+${name}`)();
    };
    const all = names.map(([name, time]) => fair.run(name, work(name, time)));
    await turn();
    for (const act of acts.split(' ').filter(Boolean)) {
      if (act.startsWith('+')) timeIsUp.get(act.slice(1))?.();
      else await leave(act, `+${act}`);
      await turn();
      assert.ok(fair.active <= limit);
    }
    assert.is(entered.join(' '), expected);
    for (const end of timeIsUp.values()) end();
    for (let left = 0; left < 2 * all.length; left += 1) await leave(...entered);
    await Promise.all(all);
    assert.equal([fair.active, fair.waiting, fair.away], [0, 0, 0]);
  });
}

test('#15.1 R26 a place is given back once: by work that ends while it waits, or wants its place again', async () => {
  const fair = createFairLimit(1);
  const places: Place[] = [];
  const away = async (place: Place) => {
    places.push(place);
    place.leave();
    place.leave();
  };
  await fair.run('a', away);
  assert.equal([fair.active, fair.away], [0, 0]);
  const { enter, leave } = createControlledWork();
  const busy = fair.run('b', enter('b'));
  let late: Promise<void> | undefined;
  const gone = fair.run('c', async (place) => {
    place.leave();
    fair.resize(1);
    late = place.retake(new Date(0));
    assert.equal([fair.waiting, fair.away], [1, 1]);
  });
  fair.resize(2);
  await gone;
  await leave('b');
  await Promise.all([busy, late, places[0]?.retake(new Date(0))]);
  assert.equal([fair.active, fair.waiting, fair.away], [0, 0, 0]);
});

test('#15.1 R26 second looks go ahead, and still no crowd starves a lone one', async () => {
  const fair = createFairLimit(5);
  let begun = 0;
  let before = -1;
  const crowd = Array.from({ length: 1_000 }, (_, index) =>
    fair.run('crowd', async (place) => {
      begun += 1;
      await turn();
      place.leave();
      await turn();
      await place.retake(new Date(index));
      await turn();
    }),
  );
  await fair.run('lone', async () => {
    before = begun;
  });
  assert.ok(before <= 20, `${before} of the crowd began first`);
  await Promise.all(crowd);
  assert.equal([fair.active, fair.waiting, fair.away], [0, 0, 0]);
});

for (const [title, work] of [
  ['rejects', async () => Promise.reject(new Error('broken'))],
  [
    'throws before it promises anything',
    () => {
      throw new Error('broken');
    },
  ],
] as const) {
  test(`R26 work that ${title} leaves its place to the next, and its asker hears of it`, async () => {
    const fair = createFairLimit(1);
    const failing = fair.run('a', work).catch((error: Error) => error.message);
    const next = fair.run('b', async () => 'let in');
    assert.equal(await Promise.all([failing, next]), ['broken', 'let in']);
    assert.equal([fair.active, fair.waiting], [0, 0]);
  });
}

test('R26 a turn whose work fails passes on, and its asker hears of it', async () => {
  const mutex = createKeyedMutex();
  const failing = mutex.run('m', async () => Promise.reject(new Error('broken'))).catch(({ message }) => message);
  const next = mutex.run('m', async () => 'its turn');
  assert.equal(await Promise.all([failing, next]), ['broken', 'its turn']);
  assert.is(await mutex.run('m', async () => 'again'), 'again');
});

test('R26 on one machine one at a time, in the order of asking; another machine waits for nobody', async () => {
  const mutex = createKeyedMutex();
  const { entered, enter, leave } = createControlledWork();
  const all = ['m1', 'm2', 'm3', 'n1'].map((name) => mutex.run(name.charAt(0), enter(name)));
  await turn();
  assert.equal(entered, ['m1', 'n1']);
  await leave('m2', 'm1');
  assert.equal(entered, ['m1', 'n1', 'm2']);
  all.push(mutex.run('m', enter('m4')), mutex.run('n', enter('n2')));
  await leave('m2');
  assert.equal(entered, ['m1', 'n1', 'm2', 'm3'], 'n1 is still at work');
  await leave('m3', 'n1');
  assert.equal([...entered].sort(), ['m1', 'm2', 'm3', 'm4', 'n1', 'n2']);
  await leave('m4', 'n2');
  assert.equal(await Promise.all(all), ['m1', 'm2', 'm3', 'n1', 'm4', 'n2']);
});

test('R26 10 000 of one run and one of another: the other waits for one', async () => {
  const fair = createFairLimit(50);
  let done = 0;
  let before = -1;
  const work = async () => {
    await turn();
    done += 1;
  };
  const crowd = Array.from({ length: 10_000 }, () => fair.run('crowd', work));
  const lone = fair.run('lone', async () => {
    before = done;
  });
  await lone;
  assert.ok(before <= 100, `${before} of the crowd went first`);
  await Promise.all(crowd);
  assert.is(done, 10_000);
});

test('R62 each site has a limit of its own, which follows what is in force', async () => {
  let limit = 1;
  const atSite = createSiteConnections((machine) => (machine === 'here' ? null : { site: machine[0] ?? '', limit }));
  assert.is(atSite('here'), null);
  assert.is(atSite('a1'), atSite('a2'));
  assert.is.not(atSite('a1'), atSite('b1'));
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const all = ['a1', 'a2', 'b1'].map((machine) => atSite(machine)?.run('job', () => ended));
  assert.equal([atSite('a1')?.active, atSite('a1')?.waiting, atSite('b1')?.active], [1, 1, 1]);
  limit = 2;
  assert.equal([atSite('a1')?.active, atSite('a1')?.waiting], [2, 0]);
  end();
  await Promise.all(all);
});

test.run();
