/**
 * Cuts long work into slices, so that the event loop has its turns: runs fall due meanwhile.
 * @param restMs how long the work rests after a slice: what nobody waits for takes little from the rest
 * @returns to be awaited between two steps of the work; within a slice it returns undefined, and nothing is waited for
 */
export function createTimeSlice(sliceMs = 5, restMs = 0): () => Promise<void> | undefined {
  let sliceEnds = performance.now() + sliceMs;
  return () => {
    if (performance.now() < sliceEnds) return undefined;
    return new Promise((resolve) => {
      const resume = () => {
        sliceEnds = performance.now() + sliceMs;
        resolve();
      };
      if (restMs > 0) setTimeout(resume, restMs);
      else setImmediate(resume);
    });
  };
}

/** Does work that yields after each step, in slices; returns its result. */
export async function inSlices<Result>(work: Iterator<void, Result>): Promise<Result> {
  for (const pace = createTimeSlice(); ; await pace()) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/**
 * Lets so many pass in each turn of the event loop, in the order in which they came. What has begun is served before
 * more begins: a loop with nothing else to do has its next turn at once, a busy one is given no more than it ends.
 * @returns to be awaited before one begins; undefined: it may begin at once
 */
export function createTurns(perTurn: number): () => Promise<void> | undefined {
  const state = { left: perTurn, isArmed: false, waiting: [] as (() => void)[] };
  const arm = () => {
    if (!state.isArmed) setImmediate(turn);
    state.isArmed = true;
  };
  const turn = () => {
    state.isArmed = false;
    const passing = state.waiting.splice(0, perTurn);
    state.left = perTurn - passing.length;
    if (passing.length > 0) arm();
    for (const pass of passing) pass();
  };
  return () => {
    arm();
    if (state.left === 0) return new Promise((pass) => state.waiting.push(pass));
    state.left -= 1;
    return undefined;
  };
}
