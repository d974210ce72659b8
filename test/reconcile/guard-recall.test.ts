import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type GuardRecallOptions, recallGuards } from '../../controller/reconcile/guard-recall.ts';

test('G11 R45: logs that nobody signed are not known, and who waits for that ends with the service', async () => {
  const known: boolean[] = [];
  const stopping = new AbortController();
  let waited: AbortSignal | undefined;
  const options = {
    clock: {
      now: () => new Date('2026-03-10T12:00:00Z'),
      sleep(_until: Date, signal?: AbortSignal) {
        waited = signal;
        return new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    },
    guards: {
      limits: () => ({ MaxMachines: 1, MaxPercent: null, MinInterval: null, Per: '1h' }),
      recalled: null,
      recalledAt: () => undefined,
      known: (isKnown: boolean) => known.push(isKnown),
    },
    others: { left: async () => null, isAsLeft: async () => false },
    repository: { logs: async () => [] },
    stopping: stopping.signal,
  } as unknown as GuardRecallOptions;
  const jobs = new Map([['a', { spec: { Action: 'PatchFanZone' } }]]);
  await recallGuards(options, { jobs, settings: null } as unknown as Parameters<typeof recallGuards>[1], false);
  assert.equal([known, waited], [[false], stopping.signal]);
  stopping.abort();
  await new Promise(setImmediate);
  assert.equal(known, [false]);
});

test.run();
