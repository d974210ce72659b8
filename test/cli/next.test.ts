import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fleetOf, readFolder } from '../../controller/cli/fleet/fleet-folder.ts';
import { next } from '../../controller/cli/next.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { statusDocument } from '../../definitions/status.ts';
import { print } from '../../definitions/yaml/document.ts';
import { captured, MACHINE, NIGHTLY, NOW, write } from '../support/printed.ts';

const test = suite('next', { folder: '' });

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'bmcron-validate-'));
  write(context.folder, { 'machines/rack.yaml': MACHINE, 'jobs/nightly.yaml': NIGHTLY });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const coming = (folder: string, more: object = {}) =>
  captured((streams) => next({ folder, format: 'json', jobs: [], ...more, ...streams }));

test('next: the coming runs, oldest first, with zone and clock-change notes', async ({ folder }) => {
  write(folder, {
    'jobs/b.yaml': NIGHTLY.replace('  TimeZone: Europe/Berlin\n', ''),
    'bmcron.yaml': 'TimeZone: Asia/Tokyo\n',
  });
  const { code, out } = await coming(folder, { from: '2026-03-28', count: 2 });
  assert.is(code, 0);
  const timeZone = 'Europe/Berlin';
  const note = '02:30 does not exist on 2026-03-29 in Europe/Berlin: moved to 03:30';
  assert.equal(JSON.parse(out), [
    { job: 'b', time: '2026-03-27T17:30:00Z', local: '2026-03-28T02:30:00+09:00', timeZone: 'Asia/Tokyo', note: null },
    { job: 'nightly', time: '2026-03-28T01:30:00Z', local: '2026-03-28T02:30:00+01:00', timeZone, note: null },
    { job: 'b', time: '2026-03-28T17:30:00Z', local: '2026-03-29T02:30:00+09:00', timeZone: 'Asia/Tokyo', note: null },
    { job: 'nightly', time: '2026-03-29T01:30:00Z', local: '2026-03-29T03:30:00+02:00', timeZone, note },
  ]);
});

for (const [what, options, expected] of [
  ['one of each by default', {}, 1],
  ['all until a time, itself included', { until: '2026-03-13T02:30:00+01:00' }, 3],
  ['so many until a time', { until: '2027-01-01', count: 5 }, 5],
  ['nothing before it begins', { from: '2026-03-13', until: '2026-03-12' }, 0],
] as const) {
  test(`next: ${what}`, async ({ folder }) => {
    const { code, out } = await coming(folder, options);
    assert.equal([code, JSON.parse(out).length], [0, expected]);
  });
}

for (const [what, options, code, message] of [
  ['a job that is not there', { jobs: ['nightli'] }, 1, 'no valid job "nightli"; did you mean "nightly"?'],
  ['a time that is none', { from: 'noon' }, 2, '--from "noon" is no ISO 8601 time'],
] as const) {
  test(`next: ${what}: exit ${code}`, async ({ folder }) => {
    const printed = await coming(folder, options);
    assert.equal([printed.code, printed.out, printed.err.trim()], [code, '', message]);
  });
}

test('next: suspended and refused jobs are left out and said so; text is a table', async ({ folder }) => {
  write(folder, { 'jobs/s.yaml': `${NIGHTLY}Suspend: true\n`, 'jobs/bad.yaml': '[' });
  const { out, err } = await coming(folder, { format: 'text' });
  assert.match(
    out,
    /^TIME +LOCAL +ZONE +JOB\n2026-03-11T01:30:00Z {2}2026-03-11T02:30:00\+01:00 {2}Europe\/Berlin {2}nightly\n$/,
  );
  assert.match(err, /refused: 1 error/);
  assert.match(err, /1 suspended job/);
});

test('#22.7 a Once job that has run is left out, until it is edited', async ({ folder }) => {
  const once = NIGHTLY.replace('Type: Continuous', 'Type: Once').replace('  Period: {}\n', '');
  write(folder, { 'jobs/once.yaml': once });
  const { jobs } = fleetOf(readFolder(folder));
  const facts = (id: string, next: Date | null) => {
    const found = jobs.get(id);
    if (!found) throw new Error(id);
    return print([statusDocument(accepted(found, NOW, next))]);
  };
  write(folder, { 'jobs/once.status.yaml': facts('once', NOW) });
  assert.equal(
    JSON.parse((await coming(folder)).out).map(({ job }: { job: string }) => job),
    ['nightly', 'once'],
  );
  write(folder, { 'jobs/once.status.yaml': facts('once', null), 'jobs/nightly.status.yaml': facts('nightly', null) });
  const { code, out, err } = await coming(folder);
  assert.is(code, 0);
  assert.equal(
    JSON.parse(out).map(({ job }: { job: string }) => job),
    ['nightly'],
    'a Continuous job goes on',
  );
  assert.is(err, 'left out 1 Once job without a further run by its status\n');
  write(folder, { 'jobs/once.yaml': once.replace('02:30:00', '04:00:00') });
  assert.is(JSON.parse((await coming(folder)).out).length, 2, 'an edit arms it again (R19)');
  write(folder, { 'jobs/once.yaml': once, 'jobs/once.status.yaml': '{]' });
  assert.is(JSON.parse((await coming(folder)).out).length, 2, 'what is no status file says nothing');
});

test('#16.2 next: what windows forbid is told, and listed all the same', async ({ folder }) => {
  const freeze = 'Name: Year end\nKind: Freeze\nFrom: "2026-03-28T00:00:00"\nTo: "2026-03-29T00:00:00"\n';
  write(folder, { 'windows/w.yaml': freeze });
  const { out } = await coming(folder, { from: '2026-03-28', count: 2 });
  const blocked = (JSON.parse(out) as { blocked?: string }[]).map((run) => run.blocked ?? null);
  assert.equal(blocked, ['Frozen by Year end until 2026-03-29T00:00:00Z', null]);
  const { out: text } = await coming(folder, { from: '2026-03-28', count: 2, format: 'text' });
  assert.match(text, 'Frozen by Year end until 2026-03-29T00:00:00Z');
});

test.run();
