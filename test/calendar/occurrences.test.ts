import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextRun } from '../../definitions/calendar/next-run.ts';
import { createOccurrences } from '../../definitions/calendar/occurrences.ts';
import type { Period } from '../../definitions/job.ts';
import { job, machines, view } from '../support/pull-request.ts';

const NOW = new Date('2026-01-05T07:30:00.250Z');
const DAYS = 400;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Havana',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Pacific/Kiritimati',
  'America/Santiago',
  'Antarctica/Troll',
];
const TIMES = ['00:00:00', '00:30:00', '02:00:00', '02:15:00', '02:30:00', '03:00:00', '12:00:00', '23:59:59'];
const PERIODS: readonly Period[] = [
  {},
  { DaysOfWeek: ['Sunday', 'Monday'] },
  { DaysOfMonth: '1, 29,31' },
  { DaysOfWeek: ['Friday'], DaysOfMonth: '13' },
  { StartDay: '2026-03-29', EndDay: '2026-11-01' },
];

const { fleet } = view({ 'machines/all.yaml': machines(1), 'jobs/a.yaml': job() });
const [base] = fleet.jobs.values();

for (const zone of ZONES) {
  test(`the runs of 400 days in ${zone} are those of the calendar`, () => {
    const coming = createOccurrences({
      now: NOW,
      timeZone: zone,
      triggered: new Set(),
      days: DAYS,
    });
    const end = new Date(NOW.getTime() + DAYS * 86_400_000);
    for (const Time of TIMES) {
      for (const Period of PERIODS) {
        const Schedule = { Type: 'Continuous', Time, Period } as const;
        const expected: number[] = [];
        for (let at = nextRun(Schedule, zone, NOW); at && at <= end; at = nextRun(Schedule, zone, at))
          expected.push(at.getTime());
        if (!base) throw new Error('no job');
        const told = coming.of({ ...base, spec: { ...base.spec, Schedule } });
        assert.equal(told, expected, `${Time} ${JSON.stringify(Period)}`);
      }
    }
  });
}

test.run();
