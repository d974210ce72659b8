const SLICE_MS = 2;

/** Requests are answered in slices, so that a run that falls due never waits behind a crowd of them. */
export function createSlices(): (work: () => void) => void {
  const waiting: (() => void)[] = [];
  function drain(): void {
    const ends = performance.now() + SLICE_MS;
    do waiting.shift()?.();
    while (waiting.length > 0 && performance.now() < ends);
    if (waiting.length > 0) setImmediate(drain);
  }
  return (work) => {
    waiting.push(work);
    if (waiting.length === 1) setImmediate(drain);
  };
}
