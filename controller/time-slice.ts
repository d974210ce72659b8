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
