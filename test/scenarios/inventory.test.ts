import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { daily, machine } from '../support/manifests.ts';
import { systemTest } from './scenario.ts';

systemTest(
  'R21 R29: a job that stays in force is judged again by the inventory of the moment it runs',
  async (create) => {
    const system = await create({ files: { 'machines/all.yaml': machine('machine-1'), 'jobs/nightly.yaml': daily() } });
    await system.advance('2026-03-10T22:01:00Z');
    await system.push({ 'machines/all.yaml': machine('machine-1', { Managers: { other: {} } }) });
    await system.advance('2026-03-11T22:01:00Z');
    await system.push({ 'machines/all.yaml': machine('machine-1', { Managers: { bmc: {} } }) });
    await system.advance('2026-03-12T22:01:00Z');
    const outcomes = system.of('machine').map(({ error }) => error?.replace(/:.*/, '') ?? 'good');
    assert.equal(outcomes, ['good', 'machine-1 has no manager "bmc"', 'good']);
  },
);

for (const [what, text] of [
  ['no YAML', 'ID: ['],
  ['a refused field', machine('machine-2', { Endpoint: 'ftp://nowhere' })],
] as const) {
  systemTest(`R21 a machine whose file was refused (${what}) goes when the file goes`, async (create) => {
    const files = { 'machines/one.yaml': machine('machine-1'), 'machines/two.yaml': machine('machine-2') };
    const system = await create({ files: { ...files, 'jobs/nightly.yaml': daily() } });
    await system.push({ 'machines/two.yaml': text });
    assert.equal([...system.service.inForce.machines.keys()], ['machine-1', 'machine-2'], 'refused: it stays');
    await system.push({ 'machines/two.yaml': null });
    assert.equal([...system.service.inForce.machines.keys()], ['machine-1'], 'nobody says that it is there');
  });
}

systemTest('#22.10 R21 one machine of three refused: it stays, across a restart from Git alone too', async (create) => {
  const all = ['machine-1', 'machine-2', 'machine-3'];
  const good = all.map((id) => machine(id)).join('---\n');
  const Machines = ['machine-1', 'machine-2'];
  const files = { 'machines/all.yaml': good, 'jobs/nightly.yaml': daily({ Machines }) };
  const system = await create({ files });
  await system.push({ 'machines/all.yaml': good.replace('https://machine-2.example', 'ftp://machine-2') });
  const inForce = () => [...system.service.inForce.machines.keys()].sort();
  assert.equal(inForce(), all);
  assert.equal(
    system.service.inForce.problems.map(({ file }) => file),
    ['machines/all.yaml'],
    'one mistake, one problem',
  );
  await system.push({ 'jobs/nightly.yaml': daily({ Machines, Profile: 'Balanced' }) });
  assert.is(system.service.inForce.problems.length, 1, 'a job may be edited meanwhile');
  await system.advance('2026-03-10T22:01:00Z');
  assert.equal(
    system.of('machine').map(({ error }) => error),
    [null, null],
  );
  await system.stop();
  await system.removeState();
  await system.start();
  assert.equal(inForce(), all);
  assert.is(system.service.inForce.problems.length, 1);
  await system.advance('2026-03-11T22:01:00Z');
  assert.equal(
    system.of('machine').map(({ error }) => error),
    [null, null, null, null],
  );
});

systemTest(
  '#20.14 R42 logins over http: are warned of at each start, and when a machine comes to it',
  async (create) => {
    const plain = (id: string) => machine(id, { Endpoint: `http://${id}.example`, AllowPlaintext: true });
    const system = await create({ files: { 'machines/one.yaml': plain('machine-1'), 'jobs/nightly.yaml': daily() } });
    const told = () => system.of('plaintext').map((event) => event.machines.join(' '));
    assert.equal(told(), ['machine-1']);
    await system.push({ 'machines/two.yaml': machine('machine-2') });
    assert.equal(told(), ['machine-1'], 'nothing new of it');
    await system.push({ 'machines/two.yaml': plain('machine-2') });
    assert.equal(told(), ['machine-1', 'machine-2']);
    await system.stop();
    await system.start();
    assert.equal(told(), ['machine-1', 'machine-2', 'machine-1 machine-2']);
  },
);

test.run();
