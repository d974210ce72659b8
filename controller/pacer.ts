/**
 * The pace of long work: `await` what this gives between its steps, and the event loop has a turn whenever a slice of
 * it is over, since runs fall due meanwhile. Within a slice there is nothing to wait for.
 */
export function createPacer(sliceMs = 5): () => Promise<void> | undefined {
  let ends = performance.now() + sliceMs;
  return () => {
    if (performance.now() < ends) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        ends = performance.now() + sliceMs;
        resolve();
      }),
    );
  };
}
