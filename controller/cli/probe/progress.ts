import type { Output } from '../report.ts';

/** So many machines are waited for without a word. */
const FEW = 10;
/** Where lines cannot be written over, one for so many machines. */
const LINE_EACH = 50;

/** Counts machines on standard error, so that whoever waits for 200 sees how far it is; nothing for a few. */
export function progress(total: number, err: Output): () => void {
  if (total <= FEW) return () => {};
  let done = 0;
  return () => {
    done += 1;
    if (err.isTTY) err.write(`\r${done} of ${total} machines${done === total ? '\n' : ''}`);
    else if (done % LINE_EACH === 0 || done === total) err.write(`${done} of ${total} machines\n`);
  };
}
