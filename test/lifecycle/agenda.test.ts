import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job } from '../../definitions/job.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import type { Status } from '../../definitions/status.ts';
import { createHeap } from '../../definitions/values/heap.ts';

const START = Date.parse('2026-03-10T00:00:00Z');

function put(agenda: ReturnType<typeof createAgenda>, id: string, minute: number | null, Suspended = false): void {
  const NextRunTime = minute === null ? null : `${new Date(START + minute * 60_000).toISOString().slice(0, 19)}Z`;
  agenda.put(
    { id, source: { file: `jobs/${id}.yaml`, document: 0 } } as Job,
    { Id: id, NextRunTime, Suspended } as Status,
  );
}

test('a heap gives what was pushed, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = createHeap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      assert.equal(
        numbers.map(() => heap.pop()),
        [...numbers].sort((a, b) => a - b),
      );
      assert.is(heap.pop(), undefined);
    }),
  );
});

const command = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  do: fc.constantFrom('put', 'put', 'put', 'suspend', 'remove', 'hold', 'release'),
  minute: fc.option(fc.integer({ min: 0, max: 20 })),
});

test('R25 after any history the agenda offers the first that is due by NextRunTime then ID, held ones left out', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), fc.integer({ min: 0, max: 20 }), (commands, minute) => {
      const agenda = createAgenda();
      const model = new Map<string, number | null>();
      const held = new Set<string>();
      for (const { id, do: what, minute: at } of commands) {
        if (what === 'put' || what === 'suspend') {
          put(agenda, id, at, what === 'suspend');
          model.set(id, what === 'suspend' ? null : at);
        }
        if (what === 'remove') model.delete(id);
        if (what === 'remove') agenda.remove(id);
        if (what === 'hold') held.add(id);
        if (what === 'hold') agenda.hold(id);
        if (what === 'release') held.delete(id);
        if (what === 'release') agenda.release(id);
      }
      const waiting = [...model].flatMap(([id, at]) => (at === null || held.has(id) ? [] : [{ id, at }]));
      waiting.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
      const [first] = waiting;
      assert.is(agenda.nextDue()?.getTime(), first && START + first.at * 60_000);
      const due = first && first.at <= minute ? first.id : undefined;
      assert.is(agenda.due(new Date(START + minute * 60_000))?.id, due);
    }),
  );
});

test('100 000 jobs: put, rescheduled and taken in order in a few seconds', () => {
  const agenda = createAgenda();
  const before = performance.now();
  for (let index = 0; index < 100_000; index += 1) put(agenda, `job-${index}`, (index * 7919) % 1440);
  for (let index = 0; index < 100_000; index += 2) put(agenda, `job-${index}`, 1440 + (index % 60));
  let last = 0;
  let taken = 0;
  for (let job = agenda.due(new Date(8.64e15)); job; job = agenda.due(new Date(8.64e15))) {
    const at = agenda.nextDue()?.getTime() ?? 0;
    assert.ok(at >= last);
    last = at;
    agenda.hold(job.id);
    taken += 1;
  }
  assert.is(taken, 100_000);
  assert.ok(performance.now() - before < 20_000, `${performance.now() - before} ms`);
});

test.run();
