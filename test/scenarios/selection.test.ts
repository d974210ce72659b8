// Jobs that select their machines, through the whole service: machines join, leave and change while runs come and go.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plan } from '../../controller/cli/plan.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import type { TestSystem } from '../support/controller.ts';
import { GIT_ENVIRONMENT } from '../support/git-folder.ts';
import { machine, once, text } from '../support/manifests.ts';
import { captured, write } from '../support/printed.ts';
import { systemTest } from './scenario.ts';

const r7 = { MatchLabels: { rack: 'r7' } };
const labelled = (ID: string, rack: string, more: JsonObject = {}) => machine(ID, { Labels: { rack }, ...more });

function nightly(more: JsonObject = {}): string {
  return text({
    Name: 'Nightly',
    MachineSelector: r7,
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    Schedule: { Type: 'Continuous', Time: '22:00:00', Period: {} },
    ...more,
  });
}

/** A nightly job that writes a text with placeholders. */
function naming(ServiceIdentification: string, more: JsonObject = {}): string {
  const Payload = [{ ManagerID: 'bmc', Payload: { ServiceIdentification } }];
  return nightly({ Action: 'PatchManager', Payload, ...more });
}

const FILES = {
  'machines/m1.yaml': labelled('m1', 'r7'),
  'machines/m2.yaml': labelled('m2', 'r7'),
  'machines/m3.yaml': labelled('m3', 'r8'),
};

/** The machines of each run, in the order in which the runs began. */
function reached(system: TestSystem): readonly string[] {
  const runs = new Map<string, string[]>();
  for (const { part } of system.bmcs.carried) runs.set(part.run, [...(runs.get(part.run) ?? []), part.machine.ID]);
  return [...runs.values()].map((machines) => machines.sort().join(' '));
}

function wrote(system: TestSystem): readonly string[] {
  return system.bmcs.carried.map(
    ({ part }) => `${part.machine.ID} ${part.payload[0]?.Payload['ServiceIdentification']}`,
  );
}

systemTest(
  'S05 S06 S07 a machine that joins is taken by the next run, one that leaves is not: no new version, no other time',
  async (create) => {
    const system = await create({ files: { ...FILES, 'jobs/a.yaml': nightly() } });
    assert.equal(system.status('a').Machines, [], 'none before the first claim');
    await system.advance('2026-03-10T22:01:00Z');
    const before = system.status('a');
    await system.push({ 'machines/m4.yaml': labelled('m4', 'r7') });
    assert.is(system.status('a'), before, 'a machine that joins is no fact of the job');
    assert.equal(system.service.agenda.jobs.get('a')?.machines, ['m1', 'm2', 'm4']);
    await system.advance('2026-03-11T22:01:00Z');
    await system.push({ 'machines/m1.yaml': null, 'machines/m2.yaml': labelled('m2', 'r8') });
    await system.advance('2026-03-12T22:01:00Z');
    assert.equal(reached(system), ['m1 m2', 'm1 m2 m4', 'm4']);
    assert.is(system.status('a').ExecutionCount, 3);
  },
);

systemTest('S06 S08 a Once job that has run is not armed again by a machine that joins', async (create) => {
  const job = once({ more: { Machines: null, MachineSelector: r7 } }).replace(/ *"Machines": null,\n/, '');
  const system = await create({ files: { ...FILES, 'jobs/a.yaml': job } });
  await system.advance('2026-03-10T14:01:00Z');
  await system.push({ 'machines/m4.yaml': labelled('m4', 'r7') });
  await system.advance('2026-03-12T14:01:00Z');
  assert.equal(reached(system), ['m1 m2']);
  assert.is(system.status('a').NextRunTime, null);
});

systemTest('S14 the status file has the machines of the last claim, and the selector after it', async (create) => {
  const system = await create({ files: { ...FILES, 'jobs/a.yaml': nightly() } });
  await system.advance('2026-03-10T22:01:00Z');
  const status = system.published('jobs/a.status.yaml') as JsonObject;
  assert.equal(Object.keys(status).slice(1, 5), ['Name', 'Machines', 'MachineSelector', 'Action']);
  assert.equal([status['Machines'], status['MachineSelector']], [['m1', 'm2'], r7]);
  await system.push({ 'machines/m1.yaml': null });
  await system.stop();
  await system.removeState();
  await system.start();
  assert.equal(system.status('a').Machines, ['m1', 'm2'], 'read from Git by a service without a journal');
  await system.advance('2026-03-11T22:01:00Z');
  assert.equal(system.status('a').Machines, ['m2']);
  assert.equal(reached(system), ['m1 m2', 'm2']);
});

systemTest(
  'S03 G05 an edit of labels that leaves nobody: a problem, and the run is missed with the reason',
  async (create) => {
    const system = await create({ files: { ...FILES, 'jobs/a.yaml': nightly() } });
    await system.push({ 'machines/m1.yaml': labelled('m1', 'r8'), 'machines/m2.yaml': labelled('m2', 'r8') });
    await system.advance('2026-03-10T22:01:00Z');
    assert.equal(reached(system), []);
    const { Missed, Conditions } = system.status('a');
    assert.match(Missed[0]?.Reason ?? '', /^Unresolved, MachineSelector: it fits no machine of the inventory/);
    assert.match(Conditions[0]?.Message ?? '', /MachineSelector \(platform\): it fits no machine of the inventory/);
    await system.trigger('a', 'now');
    assert.match(system.status('a').LastTrigger?.Message ?? '', /^Unresolved, MachineSelector/);
    await system.push({ 'machines/m1.yaml': labelled('m1', 'r7') });
    await system.advance('2026-03-11T22:01:00Z');
    assert.equal(reached(system), ['m1'], 'mended by a label alone');
    assert.is(system.status('a').Conditions[0]?.Status, 'True');
  },
);

systemTest('S03 with AllowEmpty a run of no machine is completed', async (create) => {
  const files = {
    ...FILES,
    'jobs/a.yaml': nightly({ MachineSelector: { MatchLabels: { rack: 'r9' } }, AllowEmpty: true }),
  };
  const system = await create({ files });
  await system.advance('2026-03-10T22:01:00Z');
  const { Status, ExecutionCount, LastRun } = system.status('a');
  assert.equal([Status, ExecutionCount, LastRun?.Succeeded, LastRun?.Failed], ['Completed', 1, 0, 0]);
});

systemTest('S05 R21 a machine whose file is refused now stays among the machines of the job', async (create) => {
  const system = await create({ files: { ...FILES, 'jobs/a.yaml': nightly() } });
  await system.push({ 'machines/m2.yaml': 'ID: [' });
  await system.advance('2026-03-10T22:01:00Z');
  assert.equal(reached(system), ['m1 m2']);
  await system.push({ 'jobs/a.yaml': 'Name: [', 'machines/m4.yaml': labelled('m4', 'r7') });
  await system.advance('2026-03-11T22:01:00Z');
  assert.equal(reached(system), ['m1 m2', 'm1 m2 m4'], 'the last good selector, on the inventory of now');
});

systemTest(
  'R48 R50 an operator adds three machines by three files of two lines: in plan, then taken',
  async (create) => {
    const file = (id: string) => `ID: ${id}\nEndpoint: https://${id}.example\n`;
    const rack = Object.fromEntries(
      Array.from({ length: 38 }, (_, n) => [`machines/r7/m${n + 1}.yaml`, file(`m${n + 1}`)]),
    );
    const Defaults = { CredentialsRef: 'lab', Labels: { rack: 'r7' } };
    const files = { ...rack, 'machines/r7/_r7.yaml': text({ Defaults }), 'jobs/r7-nightly.yaml': nightly() };
    const system = await create({ files });
    const added = Object.fromEntries(['m39', 'm40', 'm41'].map((id) => [`machines/r7/${id}.yaml`, file(id)]));
    write(system.human, added);
    const told = await captured((streams) => {
      const { signal } = new AbortController();
      const given = {
        folder: system.human,
        base: 'HEAD',
        format: 'text',
        count: 1,
        environment: GIT_ENVIRONMENT,
      } as const;
      return plan({ ...given, signal, ...streams });
    });
    assert.is(told.code, 0, told.err);
    assert.match(told.out, 'r7-nightly: 38 → 41 machines (+m39 +m40 +m41)');
    await system.push(added);
    await system.advance('2026-03-10T22:01:00Z');
    assert.is(system.status('r7-nightly').LastRun?.Succeeded, 41);
    assert.is(system.status('r7-nightly').Machines.length, 41);
  },
);

systemTest('R50 R21 Defaults of a folder reach its machines; refused ones change nothing', async (create) => {
  const files = {
    'machines/r7/_r7.yaml': text({ Defaults: { Labels: { rack: 'r7' }, CredentialsRef: 'lab' } }),
    'machines/r7/m1.yaml': text({ ID: 'm1', Endpoint: 'https://m1.example' }),
    'machines/r8/m2.yaml': text({ ID: 'm2', Endpoint: 'https://m2.example' }),
    'jobs/a.yaml': nightly(),
  };
  const system = await create({ files });
  await system.push({ 'machines/r7/_r7.yaml': 'Defaults: [' });
  await system.push({ 'machines/r7/m3.yaml': text({ ID: 'm3', Endpoint: 'https://m3.example' }) });
  await system.advance('2026-03-10T22:01:00Z');
  assert.equal(reached(system), ['m1'], 'as it was; who joins meanwhile is not known');
  await system.push({ 'machines/r7/_r7.yaml': files['machines/r7/_r7.yaml'] });
  await system.advance('2026-03-11T22:01:00Z');
  assert.equal(reached(system), ['m1', 'm1 m3']);
});

systemTest('S09 after the claim: a machine that was deleted is skipped, a relabelled one runs', async (create) => {
  const system = await create({
    files: { 'bmcron.yaml': text({ MaxConnections: 1 }), ...FILES, 'jobs/a.yaml': nightly() },
  });
  system.bmcs.behave('m1', { takesMs: 60_000 });
  const more = { 'machines/m4.yaml': labelled('m4', 'r7') };
  await system.push(more);
  await system.advance('2026-03-10T22:00:10Z');
  assert.equal(
    system.bmcs.carried.map(({ part }) => part.machine.ID),
    ['m1'],
  );
  await system.push({ 'machines/m2.yaml': null, 'machines/m4.yaml': labelled('m4', 'r9') });
  await system.advance('2026-03-10T22:05:00Z');
  assert.equal(reached(system), ['m1 m4']);
  const { Status, LastRun } = system.status('a');
  assert.is(Status, 'Completed');
  assert.equal([LastRun?.Succeeded, LastRun?.Failed], [2, 0]);
  assert.match(LastRun?.SkippedMachines?.[0] ?? '', /^m2: Removed from the inventory/);
});

systemTest(
  'S09 R29 a machine that is relabelled after the claim, and cannot do it any more, gets nothing',
  async (create) => {
    const files = { 'bmcron.yaml': text({ MaxConnections: 1 }), ...FILES, 'jobs/a.yaml': nightly() };
    const system = await create({ files });
    system.bmcs.behave('m1', { takesMs: 60_000 });
    await system.advance('2026-03-10T22:00:10Z');
    await system.push({ 'machines/m2.yaml': labelled('m2', 'r9', { Type: 'Base' }) });
    await system.advance('2026-03-10T22:05:00Z');
    assert.equal(reached(system), ['m1']);
    assert.match(system.status('a').LastRun?.FailedMachines[0] ?? '', /^m2: "m2" is of Type Base/);
  },
);

systemTest('S11 a label whose text the schema refuses: a problem, and the run is missed', async (create) => {
  const system = await create({ files: { ...FILES, 'jobs/a.yaml': naming('rack {Labels.rack}') } });
  const selector = { MatchExpressions: [{ Key: 'rack', Operator: 'Exists' }] };
  await system.push({ 'jobs/a.yaml': naming('rack {Labels.rack}', { MachineSelector: selector }) });
  await system.push({ 'machines/m2.yaml': labelled('m2', 'r'.repeat(256)) });
  await system.advance('2026-03-10T22:01:00Z');
  assert.equal(wrote(system), []);
  const reason = /^Unresolved, .*: for m2: ServiceIdentification is longer than 256/;
  assert.match(system.status('a').Missed[0]?.Reason ?? '', reason);
});

systemTest(
  'S11 S13 each machine gets its own text; an edited label changes it at the next occurrence',
  async (create) => {
    const system = await create({ files: { ...FILES, 'jobs/a.yaml': naming('{Labels.rack}/{Machine.ID} {{1}') } });
    await system.advance('2026-03-10T22:01:00Z');
    const next = system.status('a').NextRunTime;
    await system.push({ 'jobs/a.yaml': naming('{Labels.u}'), 'machines/m1.yaml': labelled('m1', 'r7') });
    await system.push({
      'jobs/a.yaml': naming('{Labels.rack}/{Machine.ID} {{1}', {
        MachineSelector: { MatchExpressions: [{ Key: 'rack', Operator: 'Exists' }] },
      }),
      'machines/m3.yaml': labelled('m3', 'r9'),
    });
    assert.is(system.status('a').NextRunTime, next);
    await system.advance('2026-03-11T22:01:00Z');
    const first = ['m1 r7/m1 {1}', 'm2 r7/m2 {1}'];
    assert.equal(wrote(system), [...first, ...first, 'm3 r9/m3 {1}']);
  },
);

systemTest(
  'S05 S11 what each machine gets is in the claim: a label edited after it changes nothing',
  async (create) => {
    const files = { 'bmcron.yaml': text({ MaxConnections: 1 }), ...FILES, 'jobs/a.yaml': naming('{Labels.rack}') };
    const system = await create({ files });
    system.bmcs.behave('m1', { takesMs: 60_000 });
    await system.advance('2026-03-10T22:00:10Z');
    await system.push({ 'machines/m2.yaml': labelled('m2', 'r7b') });
    await system.advance('2026-03-10T22:05:00Z');
    assert.equal(wrote(system), ['m1 r7', 'm2 r7']);
  },
);

systemTest(
  'S12 a label that is edited away: a problem, and no machine gets anything until it is there again',
  async (create) => {
    const files = { ...FILES, 'machines/m2.yaml': labelled('m2', 'r7', { Name: 'Two' }) };
    const named = { ...files, 'machines/m1.yaml': labelled('m1', 'r7', { Name: 'One' }) };
    const system = await create({ files: { ...named, 'jobs/a.yaml': naming('{Machine.Name}') } });
    await system.push({ 'machines/m2.yaml': labelled('m2', 'r7') });
    await system.advance('2026-03-10T22:01:00Z');
    assert.equal(wrote(system), []);
    assert.match(system.status('a').Missed[0]?.Reason ?? '', /^Unresolved, .*: m2 has no Name for \{Machine\.Name\}/);
    await system.push({ 'machines/m2.yaml': labelled('m2', 'r7', { Name: 'Zwei' }) });
    await system.advance('2026-03-11T22:01:00Z');
    assert.equal(wrote(system), ['m1 One', 'm2 Zwei']);
  },
);

systemTest('S05 a crash in a run: its machines are those of the claim, whatever joined since', async (create) => {
  const system = await create({ files: { ...FILES, 'jobs/a.yaml': nightly() } });
  system.bmcs.behave('m2', { hangs: true });
  await system.advance('2026-03-10T22:00:10Z');
  await system.crash();
  system.commit({ 'machines/m4.yaml': labelled('m4', 'r7'), 'machines/m1.yaml': null });
  await system.start();
  const { Machines, LastRun, Status } = system.status('a');
  assert.equal([Machines, Status, LastRun?.Succeeded, LastRun?.Failed], [['m1', 'm2'], 'Failed', 1, 1]);
  assert.match(LastRun?.FailedMachines[0] ?? '', /^m2: interrupted/);
});

test.run();
