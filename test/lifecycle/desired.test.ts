import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { follow } from '../../definitions/lifecycle/desired.ts';
import { createInForce } from '../../definitions/lifecycle/in-force.ts';
import { inForceAt } from '../../definitions/preview/preview.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import { job, machines, view } from '../support/pull-request.ts';

const FLEET = { 'machines/all.yaml': machines(2), 'jobs/a.yaml': job() };
const IN_UTC = { schedule: 'Type: Continuous, Period: {}, TimeZone: UTC' };
const BROKEN = 'Name: [\n';

type Texts = Readonly<Record<string, string>>;

/** Files in force, files at the tip → changes of jobs, machines in force, the service's zone. */
const TABLE: readonly (readonly [string, Texts, Texts, readonly string[], readonly string[], string])[] = [
  ['R18 the same', FLEET, FLEET, [], ['m1', 'm2'], 'UTC'],
  [
    'R18 another job',
    FLEET,
    { ...FLEET, 'jobs/b.yaml': job({ name: 'B', machines: 'm2' }) },
    ['add b'],
    ['m1', 'm2'],
    'UTC',
  ],
  ['R20 a job less', FLEET, { 'machines/all.yaml': machines(2) }, ['remove a'], ['m1', 'm2'], 'UTC'],
  ['R21 a refused job stays', FLEET, { ...FLEET, 'jobs/a.yaml': BROKEN }, [], ['m1', 'm2'], 'UTC'],
  [
    'R21 refused machines stay, and the jobs that they refuse with them',
    FLEET,
    { ...FLEET, 'machines/all.yaml': BROKEN },
    [],
    ['m1', 'm2'],
    'UTC',
  ],
  ['a machine less', FLEET, { ...FLEET, 'machines/all.yaml': machines(1) }, [], ['m1'], 'UTC'],
  [
    'R11 another zone',
    FLEET,
    { ...FLEET, 'bmcron.yaml': 'TimeZone: Asia/Taipei\n' },
    ['rearm a'],
    ['m1', 'm2'],
    'Asia/Taipei',
  ],
  [
    'R11 another zone, and a job with a zone of its own',
    { ...FLEET, 'jobs/a.yaml': job(IN_UTC) },
    { ...FLEET, 'jobs/a.yaml': job(IN_UTC), 'bmcron.yaml': 'TimeZone: Asia/Taipei\n' },
    [],
    ['m1', 'm2'],
    'Asia/Taipei',
  ],
  [
    'R11 another zone, and a job that is calculated anyway',
    FLEET,
    { ...FLEET, 'jobs/a.yaml': job({ time: '23:00:00' }), 'bmcron.yaml': 'TimeZone: Asia/Taipei\n' },
    ['change a'],
    ['m1', 'm2'],
    'Asia/Taipei',
  ],
  [
    'R21 refused settings stay',
    { ...FLEET, 'bmcron.yaml': 'TimeZone: Asia/Taipei\n' },
    { ...FLEET, 'bmcron.yaml': 'WorkerPoolSize: 0\n' },
    [],
    ['m1', 'm2'],
    'Asia/Taipei',
  ],
];

for (const [title, before, tip, changes, inventory, zone] of TABLE) {
  test(`follow: ${title}`, () => {
    const { fleet, files } = view(tip);
    const desired = follow(inForceAt(view(before)), fleet, files);
    assert.equal(
      desired.changes.map((change) => `${change.op} ${'job' in change ? change.job.id : change.was.id}`),
      changes,
    );
    assert.equal([...desired.machines.keys()].sort(), inventory);
    assert.is(desired.settings.TimeZone, zone);
  });
}

test('R21 a machine that is refused stays with the file that defined it, as often as its fleet is followed', () => {
  const begun = view(FLEET);
  const refused = view({ ...FLEET, 'machines/all.yaml': BROKEN });
  const first = follow(inForceAt(begun), refused.fleet, refused.files);
  assert.is(first.sources.get('m1'), 'machines/all.yaml');
  const again = follow({ ...first, fleet: refused.fleet, held: new Map() }, refused.fleet, refused.files);
  assert.is(again.machines, first.machines);
  assert.equal(again.changes, []);
});

test('R21 nothing is in force before it is adopted; until settings are, the defaults are there to be read', () => {
  const inForce = createInForce();
  assert.equal([inForce.settings, inForce.hasSettings, inForce.commit], [DEFAULT_SETTINGS, false, null]);
  inForce.adopt({ commit: 'c1' });
  assert.equal([inForce.hasSettings, inForce.commit], [false, 'c1']);
  inForce.adopt({ settings: DEFAULT_SETTINGS });
  assert.equal([inForce.hasSettings, inForce.commit], [true, 'c1']);
});

test.run();
