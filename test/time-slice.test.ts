import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createTurns } from '../controller/time-slice.ts';

/** In which turn of the event loop each of so many callers begins, all of whom ask in the first. */
async function turnsOf(callers: number, perTurn: number): Promise<number[]> {
  const turn = createTurns(perTurn);
  const began: number[] = [];
  let now = 0;
  const count = () => {
    now += 1;
    if (began.length < callers) setImmediate(count);
  };
  setImmediate(count);
  const begin = async (caller: number) => {
    await turn();
    began[caller] = now;
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => begin(caller)));
  return began;
}

for (const [callers, perTurn, expected] of [
  [1, 2, [0]],
  [2, 2, [0, 0]],
  [3, 2, [0, 0, 1]],
  [7, 3, [0, 0, 0, 1, 1, 1, 2]],
] as const) {
  test(`#15.2 ${callers} at once, ${perTurn} a turn: they begin in turns ${expected.join(' ')}`, async () => {
    assert.equal(await turnsOf(callers, perTurn), expected);
  });
}

test('#15.2 who comes when nobody waits begins at once, however many came before', async () => {
  const turn = createTurns(1);
  for (let caller = 0; caller < 3; caller += 1) {
    assert.is(turn(), undefined);
    await new Promise(setImmediate);
  }
});

test('#15.2 who comes while others wait does not go ahead of them', async () => {
  const turn = createTurns(1);
  const began: string[] = [];
  const begin = async (name: string) => {
    await turn();
    began.push(name);
  };
  const crowd = [begin('a'), begin('b'), begin('c')];
  await new Promise(setImmediate);
  await Promise.all([...crowd, begin('late')]);
  assert.equal(began, ['a', 'b', 'c', 'late']);
});

test.run();
