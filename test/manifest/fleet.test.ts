import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FleetEntry } from '../../definitions/manifest/file.ts';
import { type Fleet, readFleet } from '../../definitions/manifest/fleet.ts';
import { judgeJob } from '../../definitions/manifest/platform.ts';
import { readEntry, readFile } from '../../definitions/manifest/read.ts';
import { kindOf, type Reading } from '../../definitions/manifest/reading.ts';

const MACHINE = 'ID: m\nEndpoint: https://10.0.0.1\n';
const job = (name = 'x', machine = 'm', profile = 'Custom') => `Name: ${name}
Machines: [${machine}]
Action: PatchProfile
Payload: { ManagerID: bmc, Payload: { Profile: ${profile} } }
Schedule: { Type: Once, Time: 14:00:00 }
`;

/** A fleet of these texts; a text that begins with `!` is an entry that Git would not let us read. */
function fleetOf(texts: Readonly<Record<string, string>>): Fleet {
  const files = new Map<string, FleetEntry>();
  for (const [path, text] of Object.entries(texts)) {
    const content = text.startsWith('!') ? { refused: text.slice(1) } : Buffer.from(text);
    const entry = readEntry(path, content, `blob of ${path}`);
    if (entry) files.set(path, entry);
  }
  return readFleet(files, 'c0ffee');
}

const told = ({ problems }: Fleet) =>
  problems.map(({ file, line, path, rule, message }) => `${file}:${line} ${path} ${rule} ${message}`);

for (const [path, expected] of [
  ['jobs/a.yaml', 'job'],
  ['jobs/a.yml', 'job'],
  ['jobs/a.json', 'job'],
  ['jobs/deep/er/a.yaml', 'job'],
  ['machines/rack/1.yaml', 'machine'],
  ['bmcron.yaml', 'settings'],
  ['bmcron.yml', null],
  ['bmcron.json', null],
  ['sub/bmcron.yaml', null],
  ['jobs.yaml', null],
  ['other/a.yaml', null],
  ['jobs/a.status.yaml', null],
  ['jobs/.hidden.yaml', null],
  ['jobs/.git/a.yaml', null],
  ['.jobs/a.yaml', null],
  ['jobs/README.md', null],
  ['jobs/.gitkeep', null],
  ['jobs/a.yaml~', null],
  ['jobs/a.yaml.bak', null],
  ['jobs/#a.yaml#', null],
  ['jobs/a.txt', null],
  ['jobs', null],
  ['jobs/', null],
  ['', null],
] as const) {
  test(`what is read: ${JSON.stringify(path)} is ${expected ?? 'ignored'}`, () => assert.is(kindOf(path), expected));
}

for (const [what, texts, expected] of [
  ['a path', { 'jobs/nightly.yaml': job() }, ['nightly']],
  ['folders become dots', { 'jobs/a/b/c.yml': job() }, ['a.b.c']],
  ['one document with markers', { 'jobs/a.yaml': `---\n${job()}---\n# nothing\n` }, ['a']],
  ['several documents', { 'jobs/a.yaml': `${job('Day One')}---\n${job('"Night: 2"')}` }, ['a.day-one', 'a.night-2']],
  ['a refused sibling counts as a document', { 'jobs/a.yaml': `${job('Day')}---\nName: Broken\n` }, ['a.day']],
  ['an umlaut', { 'jobs/a.yaml': `${job('Kühlung')}---\n${job('B')}` }, ['a.kuehlung', 'a.b']],
] as const) {
  test(`R17: ${what} → ${expected}`, () => {
    assert.equal([...fleetOf({ 'machines/m.yaml': MACHINE, ...texts }).jobs.keys()], expected);
  });
}

for (const [what, texts, expected] of [
  [
    'a path that cannot be an ID',
    { 'jobs/a b.yaml': job() },
    ['jobs/a b.yaml:1 $ R17 "a b" cannot be a job ID: 1 to 128'],
  ],
  ['a path too long', { [`jobs/${'x'.repeat(129)}.yaml`]: job() }, ['R17']],
  [
    'two files, one ID',
    { 'jobs/a/b.yaml': job(), 'jobs/a.b.yaml': job() },
    [
      'jobs/a.b.yaml:1 $ R10 the job ID "a.b" is also claimed by jobs/a/b.yaml:1',
      'jobs/a/b.yaml:1 $ R10 the job ID "a.b" is also claimed by jobs/a.b.yaml:1',
    ],
  ],
  [
    'two endings, one ID, one refused',
    { 'jobs/a.yaml': job(), 'jobs/a.json': '{' },
    ['jobs/a.json:1 $ R10', 'jobs/a.json:1 $ R04', 'jobs/a.yaml:1 $ R10'],
  ],
  [
    'two documents, one slug',
    { 'jobs/a.yaml': `${job('One')}---\n${job('one')}` },
    [
      'jobs/a.yaml:1 Name R10 the job ID "a.one" is also claimed by jobs/a.yaml:7',
      'jobs/a.yaml:7 Name R10 the job ID "a.one" is also claimed by jobs/a.yaml:1',
    ],
  ],
  [
    'a name without a slug',
    { 'jobs/a.yaml': `${job('One')}---\n${job('"日本"')}` },
    ['jobs/a.yaml:7 Name R17 "a." cannot be a job ID: the Name of a document'],
  ],
  [
    'two machines, one ID',
    { 'machines/n.yaml': MACHINE },
    [
      'machines/m.yaml:1 ID R10 the machine ID "m" is also claimed by machines/n.yaml:1',
      'machines/n.yaml:1 ID R10 the machine ID "m" is also claimed by machines/m.yaml:1',
    ],
  ],
  ['a symbolic link', { 'jobs/l.yaml': '!a symbolic link' }, ['jobs/l.yaml:1 $ R04 a symbolic link']],
  [
    'a machine that is refused',
    { 'machines/n.yaml': 'ID: n\n', 'jobs/a.yaml': job('x', 'n') },
    [
      'jobs/a.yaml:2 Machines[0] R02 the machine "n" cannot be used: machines/n.yaml is refused',
      'machines/n.yaml:1 Endpoint R42 Endpoint is missing',
    ],
  ],
] as const) {
  test(`${/R\d\d/.exec(expected.join())?.[0] ?? 'R17'}: ${what}`, () => {
    const fleet = fleetOf({ 'machines/m.yaml': MACHINE, ...texts });
    const found = told(fleet);
    assert.is(found.length, expected.length, found.join('\n'));
    for (const [index, each] of expected.entries()) assert.ok(found[index]?.includes(each), found.join('\n'));
    const files = new Set(fleet.problems.map(({ file }) => file));
    assert.equal([...fleet.refused].sort(), [...files].sort());
    for (const { source } of fleet.jobs.values()) assert.not.ok(files.has(source.file) && expected.length === 2);
  });
}

for (const [what, texts, zone] of [
  ['absent', {}, 'UTC'],
  ['empty', { 'bmcron.yaml': '# nothing yet\n' }, 'UTC'],
  ['given', { 'bmcron.yaml': 'TimeZone: Asia/Tokyo\n' }, 'Asia/Tokyo'],
  ['refused', { 'bmcron.yaml': 'TimeZone: Mars\n' }, undefined],
  ['a link', { 'bmcron.yaml': '!a symbolic link' }, undefined],
  ['twice', { 'bmcron.yaml': 'TimeZone: UTC\n---\nTimeZone: UTC\n' }, undefined],
] as const) {
  test(`R21: settings ${what}: ${zone ?? 'none'}`, () => {
    const { settings, jobs } = fleetOf({ 'machines/m.yaml': MACHINE, 'jobs/a.yaml': job(), ...texts });
    assert.is(settings?.TimeZone, zone);
    if (settings) assert.equal([settings.WorkerPoolSize, settings.Logs.Layout], [5, 'files']);
    assert.is(jobs.size, 1);
  });
}

test('R06, R18: a job holds its payload as a list, its source and its commit; a machine its defaults', () => {
  const { jobs, machines } = fleetOf({
    'machines/m.yaml': MACHINE,
    'jobs/a.yaml': `---\n---\n${job('A')}---\n${job('B')}`,
  });
  const second = jobs.get('a.b');
  assert.equal(second?.spec.Payload, [{ ManagerID: 'bmc', Payload: { Profile: 'Custom' } }]);
  assert.equal(second?.source, { file: 'jobs/a.yaml', document: 1, blob: 'blob of jobs/a.yaml' });
  assert.is(second?.commit, 'c0ffee');
  assert.equal(machines.get('m'), { Type: 'Extend', Timeout: '60s', ID: 'm', Endpoint: 'https://10.0.0.1' });
});

test('R21: what was read once is judged again when the inventory changes, also after being kept as JSON', () => {
  const reading = JSON.parse(JSON.stringify(readFile('job', Buffer.from(job('x', 'late'))))) as Reading;
  const late = { blob: 'm', reading: readFile('machine', Buffer.from(MACHINE.replace('ID: m', 'ID: late'))) };
  assert.is(readFleet(new Map([['jobs/a.yaml', { blob: 'a', reading }]]), 'c').jobs.size, 0);
  assert.is(
    readFleet(
      new Map([
        ['jobs/a.yaml', { blob: 'a', reading }],
        ['machines/l.yaml', late],
      ]),
      'c',
    ).jobs.size,
    1,
  );
});

test('R29: an accepted job is judged against the inventory of another moment', () => {
  const { jobs, machines } = fleetOf({ 'machines/m.yaml': MACHINE, 'jobs/a.yaml': job() });
  const spec = jobs.get('a')?.spec;
  assert.ok(spec);
  assert.equal(judgeJob(spec, machines), []);
  const [gone] = judgeJob(spec, new Map());
  assert.is(gone?.message, 'no machine "m" in machines/');
  const base = new Map([['m', { ...machines.get('m'), Type: 'Base' }]]) as typeof machines;
  assert.is(judgeJob(spec, base)[0]?.message, '"m" is of Type Base: PatchProfile needs a machine of Type Extend');
});

test.run();
