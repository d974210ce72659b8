/**
 * The pace of long work: `await` what this gives between its steps, and the event loop has a turn whenever a slice of
 * it is over, since runs fall due meanwhile. Within a slice there is nothing to wait for.
 * @param restMs how long it rests after a slice: work that nobody waits for takes little from what goes on
 */
export function createTimeSlice(sliceMs = 5, restMs = 0): () => Promise<void> | undefined {
  let ends = performance.now() + sliceMs;
  return () => {
    if (performance.now() < ends) return undefined;
    return new Promise((resolve) => {
      const go = () => {
        ends = performance.now() + sliceMs;
        resolve();
      };
      if (restMs > 0) setTimeout(go, restMs);
      else setImmediate(go);
    });
  };
}

/** Carries out work that stops after each step, at this pace; returns what it comes to. */
export async function inSlices<Result>(work: Iterator<void, Result>): Promise<Result> {
  for (const pace = createTimeSlice(); ; await pace()) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
