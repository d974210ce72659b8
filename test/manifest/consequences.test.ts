import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { follow } from '../../definitions/lifecycle/desired.ts';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { folded } from '../../definitions/manifest/resolved/consequences.ts';
import { inForceAt, preview, type View } from '../../definitions/preview/preview.ts';
import { job, machines, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const GOOD = machines(3);
const jobs = (count: number, on = 'm1, m2') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`jobs/j${index}.yaml`, job({ machines: on })]));
const told = ({ fleet }: View) => folded(fleet.problems).map(({ file, line, message }) => `${file}:${line} ${message}`);

/** What is wrong with the second of three machines, and how its one problem begins. */
const MISTAKES: readonly (readonly [what: string, edit: (text: string) => string, begins: string])[] = [
  [
    'a typo',
    (text) => text.replace('Endpoint: https://192.0.2.2', 'Endpiont: https://192.0.2.2'),
    'Endpoint is missing',
  ],
  ['a value that is none', (text) => text.replace('https://192.0.2.2', 'ftp://x'), 'Endpoint must be'],
  [
    'a quote that is not closed',
    (text) => text.replace('https://192.0.2.2', '"https://192.0.2.2'),
    'the text that begins',
  ],
  ['a bracket that is not closed', (text) => text.replace('https://192.0.2.2', '[x'), 'the list that begins'],
  ['no ID', (text) => text.replace('ID: m2', 'Id: m2'), 'ID is missing'],
  ['no mapping', (text) => text.replace(/ID: m2\n.*\n/, '- ID: m2\n'), 'a manifest is a mapping'],
];

for (const [what, edit, begins] of MISTAKES) {
  const bad = edit(GOOD);
  test(`#22.10 ${what} in one of three machines: the others stand, 37 jobs are folded into one problem`, () => {
    const at = view({ 'machines/all.yaml': bad, ...jobs(37) });
    assert.equal([...at.fleet.machines.keys()], ['m1', 'm3']);
    const all = told(at).filter((text) => !/is not a field here/.test(text));
    assert.is(all.length, 1, all.join('\n'));
    assert.ok(all[0]?.includes(begins), all[0]);
    assert.match(all[0] ?? '', /; refused with it: jobs\/j0\.yaml:2, jobs\/j1\.yaml:2, jobs\/j10\.yaml:2 and 34 more$/);
    assert.is(at.fleet.refused.size, 38, 'and yet each of them is refused');
    assert.is(view({ 'machines/all.yaml': bad, ...jobs(1, 'm1, m3') }).fleet.jobs.size, 1);
  });
  test(`#22.10 R21 ${what}: the machine that was in force stays, and jobs may be changed meanwhile`, () => {
    const before = inForceAt(view({ 'machines/all.yaml': GOOD, ...jobs(2) }));
    const { files } = view({ 'machines/all.yaml': bad, ...jobs(3) });
    const fleet = readFleet(files, 'c', { inForce: before });
    assert.equal([...fleet.jobs.keys()], ['j0', 'j1', 'j2']);
    assert.equal([...fleet.refused], ['machines/all.yaml']);
    const desired = follow(before, fleet, files);
    assert.equal([...desired.machines.keys()].sort(), ['m1', 'm2', 'm3']);
    assert.is(desired.machines.get('m2'), before.machines.get('m2'));
  });
}

test('#22.10 a machine that is nowhere is a mistake of its own, also beside one that is refused', () => {
  const at = view({
    'machines/all.yaml': GOOD.replace('https://192.0.2.2', 'ftp://x'),
    'jobs/a.yaml': job({ machines: 'm4' }),
  });
  assert.equal(
    told(at).map((text) => text.slice(0, 40)),
    ['jobs/a.yaml:2 no machine "m4" in machine', 'machines/all.yaml:5 Endpoint must be htt'],
  );
});

test('#22.10 two machines of one ID: what names it is folded into one of the two', () => {
  const twice = { 'machines/a.yaml': machines(1), 'machines/b.yaml': machines(1), 'jobs/a.yaml': job() };
  const all = told(view(twice));
  assert.is(all.length, 2);
  assert.is(all.filter((text) => text.endsWith('; refused with it: jobs/a.yaml:2')).length, 1);
});

test('#22.10 a file that is not read at all: what it may have held is folded into its problem', () => {
  const { files } = view({ 'machines/a.yaml': machines(1), 'jobs/a.yaml': job({ machines: 'server-17' }) });
  const lost = new Map(files).set('machines/b.yaml', { refused: 'a symbolic link' });
  const all = told({ files: lost, fleet: readFleet(lost, 'c') });
  assert.equal(all, ['machines/b.yaml:1 a symbolic link; refused with it: jobs/a.yaml:2']);
});

test('#22.10 plan: a job that a change has refused by an old mistake is the change’s', () => {
  const bad = { 'machines/all.yaml': GOOD.replace('https://192.0.2.2', 'ftp://x') };
  const plan = (base: View, head: View) =>
    preview({ base, head, now: NOW, count: 1, finished: new Set() }).problems.map(
      ({ file, new: is }) => `${file} ${is}`,
    );
  const old = view({ ...bad, ...jobs(1) });
  assert.equal(plan(old, old), ['machines/all.yaml false']);
  assert.equal(plan(old, view({ ...bad, ...jobs(2) })), ['jobs/j1.yaml true', 'machines/all.yaml false']);
  assert.equal(plan(view({ 'machines/all.yaml': GOOD, ...jobs(1) }), old), ['machines/all.yaml true']);
});

test.run();
