import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Clock, systemClock } from '../controller/clock.ts';
import { startUnoptimized } from '../controller/v8.ts';

const MIB = 2 ** 20;
/** V8 looks every eight seconds; of its own accord it gives this back at the third time. */
const LIMIT_MS = 14_000;

/** Memory that a start fills and then lets go of: so much that V8 alone would not come to it for a good while. */
function leaveOver(): void {
  const held: number[][] = [];
  for (let each = 0; each < 1_500_000; each += 1) held.push([each, each + 1, each + 2, each + 3]);
}

/** Waits for a collection that leaves the heap so small. Looks at no other time: who looks often is not at rest. */
function shrunk(bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('nothing was given back')), LIMIT_MS);
    const observer = new PerformanceObserver((list) => {
      const collected = list.getEntries().some(isMajor);
      if (!collected || getHeapStatistics().total_heap_size > bytes) return;
      observer.disconnect();
      clearTimeout(limit);
      resolve();
    });
    observer.observe({ entryTypes: ['gc'] });
  });
}

function isMajor(entry: PerformanceEntry): boolean {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

/** A clock on which the first waits, those of the start, are over at once. */
function afterStart(waits: number): Clock {
  let left = waits;
  return {
    now: systemClock.now,
    sleep(until, signal) {
      left -= 1;
      return left >= 0 ? Promise.resolve() : systemClock.sleep(until, signal);
    },
  };
}

test('what a start leaves over goes back to the host while the service is at rest', async () => {
  const startup = startUnoptimized(systemClock);
  leaveOver();
  const filled = getHeapStatistics().total_heap_size;
  assert.ok(filled > 40 * MIB, `${filled} bytes`);
  startup.ready();
  await shrunk(filled - 20 * MIB);
  startup.ended();
});

test('#15.2 so does what a crowd of runs leaves over', async () => {
  const startup = startUnoptimized(afterStart(2));
  startup.ready();
  await new Promise(setImmediate);
  leaveOver();
  const filled = getHeapStatistics().total_heap_size;
  assert.ok(filled > 40 * MIB, `${filled} bytes`);
  startup.rests();
  await shrunk(filled - 20 * MIB);
  startup.ended();
});

test.run();
