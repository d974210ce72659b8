import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { preview } from '../../definitions/preview/preview.ts';
import { previewReport } from '../../definitions/report/preview-report.ts';
import { job, machines, view } from '../support/pull-request.ts';

const NOW = new Date('2026-12-10T12:00:00Z');
const FREEZE = 'Name: Year end\nKind: Freeze\nFrom: "2026-12-18T18:00:00"\nTo: "2027-01-04T06:00:00"\n';
const UNTIL = 'Frozen by Year end until 2027-01-04T06:00:00Z';
const BASE = {
  'machines/all.yaml': machines(2),
  'jobs/a.yaml': job(),
  'jobs/b.yaml': job({ more: 'Suspend: true' }),
};

function plan(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) {
  return preview({ base: view(before), head: view(after), now: NOW, count: 1, finished: new Set() });
}

/** What a merge changes → the windows, and the runs that are taken out (or given back: +). */
const ROWS: readonly (readonly [string, object, object, readonly string[], readonly string[]])[] = [
  [
    'a new freeze: seventeen nights of a, none of what is suspended',
    {},
    { 'windows/w.yaml': FREEZE },
    ['add Year end'],
    [`a -17 2026-12-18T22:00:00Z 2027-01-03T22:00:00Z ${UNTIL}`],
  ],
  ['a suspended one', {}, { 'windows/w.yaml': `${FREEZE}Suspend: true\n` }, ['add Year end'], []],
  [
    'it is taken out again',
    { 'windows/w.yaml': FREEZE },
    {},
    ['remove Year end'],
    [`a +17 2026-12-18T22:00:00Z 2027-01-03T22:00:00Z ${UNTIL}`],
  ],
  [
    'it ends a week earlier',
    { 'windows/w.yaml': FREEZE },
    { 'windows/w.yaml': FREEZE.replace('2027-01-04', '2026-12-28') },
    ['change Year end To'],
    [`a +7 2026-12-28T22:00:00Z 2027-01-03T22:00:00Z ${UNTIL}`],
  ],
  ['formatting', { 'windows/w.yaml': FREEZE }, { 'windows/w.yaml': `# note\n${FREEZE}` }, [], []],
  [
    'a broken edit changes nothing',
    { 'windows/w.yaml': FREEZE },
    { 'windows/w.yaml': FREEZE.replace('Freeze', 'x') },
    [],
    [],
  ],
];

for (const [title, before, after, windows, taken] of ROWS) {
  test(`#16.2 plan, ${title}: ${taken.join('; ') || 'no run is taken out'}`, () => {
    const found = plan({ ...BASE, ...before }, { ...BASE, ...after });
    assert.equal(
      found.windows.map(({ op, window, fields }) => [op, window, ...fields.map(({ path }) => path)].join(' ')),
      windows,
    );
    assert.equal(
      found.taken.map(({ job, isTaken, runs, first, last, message }) => {
        return `${job} ${isTaken ? '-' : '+'}${runs} ${first} ${last} ${message}`;
      }),
      taken,
    );
  });
}

test('#16.2 plan says which window, and which runs, in its report', () => {
  const report = previewReport(plan(BASE, { ...BASE, 'windows/w.yaml': FREEZE }));
  assert.match(report.title, '1 window changed, 17 coming runs taken out');
  const titles = report.sections.map(({ title }) => title);
  assert.ok(titles.includes('Windows') && titles.includes('17 coming runs taken out by windows'), titles.join(', '));
});

test.run();
