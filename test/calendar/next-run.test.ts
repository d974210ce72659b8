import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextRun } from '../../definitions/calendar/next-run.ts';
import type { Schedule } from '../../definitions/job.ts';
import { timestamp } from '../../definitions/values/time.ts';

interface Case {
  readonly name: string;
  readonly schedule: Schedule;
  readonly timezone: string;
  readonly now: string;
  readonly status?: string;
  readonly expectedNextRunUtc: string | null;
  readonly expectedSequence?: readonly (string | null)[];
  readonly rules?: readonly string[];
}

/** A finished job's schedule is not asked any more (R13): the agenda decides these, and its tests hold them. */
const OF_THE_AGENDA = ['once: completed is never rescheduled', 'once: failed is never rescheduled'];

const file = new URL('../fixtures/conformance/next-run.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };

function written(moment: Date | null): string | null {
  return moment && timestamp(moment);
}

for (const { name, schedule, timezone, now, expectedNextRunUtc, expectedSequence, rules } of cases) {
  if (OF_THE_AGENDA.includes(name)) continue;
  const rule = rules?.join(', ') ?? (schedule.Type === 'Once' ? 'R13' : 'R14');
  test(`${rule}: ${name}`, () => {
    assert.is(written(nextRun(schedule, timezone, new Date(now))), expectedNextRunUtc);
    let after = new Date(now);
    for (const expected of expectedSequence ?? []) {
      const next = nextRun(schedule, timezone, after);
      assert.is(written(next), expected && timestamp(new Date(expected)));
      after = next ?? after;
    }
  });
}

test("every case of the conformance file is either run here or named as the agenda's", () => {
  const named = cases.filter(({ status }) => status !== undefined).map(({ name }) => name);
  assert.equal(named, OF_THE_AGENDA);
});

test.run();
