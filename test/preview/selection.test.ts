// What `plan` says of jobs that select their machines, also where only the inventory has changed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Preview, preview } from '../../definitions/preview/preview.ts';
import { markdown } from '../../definitions/report/markdown.ts';
import { previewReport } from '../../definitions/report/preview-report.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const r7 = { MatchLabels: { rack: 'r7' } };

function machine(ID: string, rack: string, more: JsonObject = {}): string {
  return JSON.stringify({ ID, Endpoint: `https://${ID}.example`, Labels: { rack, ...more } });
}

function job(more: JsonObject = {}): string {
  return JSON.stringify({
    Name: 'A job',
    MachineSelector: r7,
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    Schedule: { Type: 'Continuous', Time: '22:00:00', Period: {} },
    ...more,
  });
}

function naming(ServiceIdentification: string): string {
  return job({ Action: 'PatchManager', Payload: [{ ManagerID: 'bmc', Payload: { ServiceIdentification } }] });
}

const rack = Object.fromEntries(
  Array.from({ length: 38 }, (_, n) => [`machines/m${n + 1}.yaml`, machine(`m${n + 1}`, 'r7')]),
);
const joined = Object.fromEntries(['m39', 'm40', 'm41'].map((id) => [`machines/${id}.yaml`, machine(id, 'r7')]));

type Files = Readonly<Record<string, string>>;

function planned(base: Files, head: Files, finished: readonly string[] = []): Preview {
  return preview({ base: view(base), head: view(head), now: NOW, count: 1, finished: new Set(finished) });
}

/** The report as people read it, without Markdown's own signs. */
function told(plan: Preview): string {
  return markdown(previewReport(plan), 60_000).replaceAll(/[`*\\]|<\/?code>/g, '');
}

test('W06 a job with a Rollout: its waves as names and numbers', () => {
  const Waves = [
    { Name: 'canary', Machines: ['m1'] },
    { Name: 'rest', Rest: true, MaxConcurrent: '10%', MaxFailures: 1 },
  ];
  const plan = planned(rack, { ...rack, 'jobs/a.yaml': job({ Rollout: { Waves } }) });
  const waves = 'canary m1, halts at the 1st failure; rest: 37 machines, at most 3 at once, halts above 1 failed';
  assert.match(told(plan), `in waves: ${waves}`);
});

test('S14 three machines join by three files: the job that selects them says so', () => {
  const base = { ...rack, 'jobs/r7-nightly.yaml': job() };
  const plan = planned(base, { ...base, ...joined });
  assert.equal(
    plan.changes.map(({ op, job: id, reach }) => [op, id, reach]),
    [['select', 'r7-nightly', { before: 38, after: 41, joined: ['m39', 'm40', 'm41'], left: [] }]],
  );
  assert.match(told(plan), 'r7-nightly: 38 → 41 machines (+m39 +m40 +m41)');
});

test('S14 machines that leave, and a selector that is edited', () => {
  const base: Files = { ...rack, ...joined, 'jobs/a.yaml': job() };
  const { 'machines/m7.yaml': _, ...without } = base;
  assert.match(told(planned(base, without)), 'a: 41 → 40 machines (-m7)');
  const narrowed = {
    ...base,
    'jobs/a.yaml': job({
      MachineSelector: { MatchLabels: { rack: 'r7' }, MatchExpressions: [{ Key: 'role', Operator: 'Exists' }] },
    }),
  };
  const edited = planned(base, { ...narrowed, 'machines/m1.yaml': machine('m1', 'r7', { role: 'x' }) });
  assert.equal(
    edited.changes.map(({ op }) => op),
    ['change'],
  );
  assert.match(told(edited), '41 → 1 machine (');
  assert.match(told(edited), 'and 20 more)');
});

test('S14 Defaults of a folder change what their machines are: plan says it of jobs and machines', () => {
  const base = {
    'machines/r7/_r7.yaml': JSON.stringify({ Defaults: { Labels: { rack: 'r7' } } }),
    'machines/r7/m1.yaml': '{ "ID": "m1", "Endpoint": "https://m1.example" }',
    'machines/m2.yaml': machine('m2', 'r7'),
    'jobs/a.yaml': job(),
  };
  const plan = planned(base, {
    ...base,
    'machines/r7/_r7.yaml': JSON.stringify({ Defaults: { Labels: { rack: 'r9' } } }),
  });
  assert.match(told(plan), 'a: 2 → 1 machine (-m1)');
  assert.equal(
    plan.inventory.map(({ machine: id, fields }) => [id, fields[0]?.path, fields[0]?.new]),
    [['m1', 'Labels.rack', 'r9']],
  );
});

test('S13 a label is edited: machine, old and new value, and no new version', () => {
  const base = { ...joined, 'jobs/a.yaml': naming('{Labels.rack}-{Machine.ID}') };
  const selector = { MatchExpressions: [{ Key: 'rack', Operator: 'Exists' }] };
  const all = {
    ...base,
    'jobs/a.yaml': naming('{Labels.rack}-{Machine.ID}').replace(JSON.stringify(r7), JSON.stringify(selector)),
  };
  const plan = planned(all, { ...all, 'machines/m40.yaml': machine('m40', 'r8') });
  assert.equal(
    plan.changes.map(({ op, values }) => [op, values]),
    [['select', [{ machine: 'm40', field: 'bmc ServiceIdentification', old: 'r7-m40', new: 'r8-m40' }]]],
  );
  assert.match(told(plan), 'on m40 bmc ServiceIdentification: r7-m40 → r8-m40');
});

for (const [count, Confirm, expected] of [
  [10, undefined, false],
  [11, undefined, true],
  [11, { Machines: 11 }, false],
  [11, { Machines: 10 }, true],
] as const) {
  const asks = expected ? 'asks for Confirm' : 'asks for nothing';
  test(`S13 labels change what ${count} machines get, Confirm ${Confirm?.Machines ?? 'absent'}: plan ${asks}`, () => {
    const named = {
      Action: 'PatchManager',
      Payload: [{ ManagerID: 'bmc', Payload: { ServiceIdentification: '{Labels.u}' } }],
    };
    const files = (u: string) => ({
      'jobs/a.yaml': job({ ...named, ...(Confirm && { Confirm }) }),
      ...Object.fromEntries(
        Array.from({ length: count }, (_, n) => [`machines/m${n}.yaml`, machine(`m${n}`, 'r7', { u })]),
      ),
    });
    assert.is(/say Confirm: /.test(planned(files('1'), files('2')).changes[0]?.note ?? ''), expected);
  });
}

test('S13 an edit that changes no value is no change of the job', () => {
  const base = { ...joined, 'jobs/a.yaml': naming('{Labels.rack}') };
  assert.equal(planned(base, { ...base, 'machines/m40.yaml': machine('m40', 'r7', { role: 'x' }) }).changes, []);
});

test('S08 a Once job that has run: nothing is done on the machines that join, and plan says so', () => {
  const base = { ...rack, 'jobs/a.yaml': job({ Schedule: { Type: 'Once', Time: '14:00:00' } }) };
  const plan = planned(base, { ...base, ...joined }, ['a']);
  assert.match(
    plan.changes[0]?.note ?? '',
    /^it has run, .*: nothing is done on the machines that joined; write a new job/,
  );
  assert.equal(plan.changes[0]?.next, []);
});

test('S02 NotIn fits machines without the label, and plan says so', () => {
  const selector = {
    MatchLabels: { rack: 'r7' },
    MatchExpressions: [{ Key: 'role', Operator: 'NotIn', Values: ['storage'] }],
  };
  const plan = planned(rack, {
    ...rack,
    'machines/m1.yaml': machine('m1', 'r7', { role: 'compute' }),
    'jobs/a.yaml': job({ MachineSelector: selector }),
  });
  assert.match(plan.changes[0]?.note ?? '', /^NotIn fits 37 machines without the label role, too/);
});

test('S03 labels that leave a job without machines: an error at its selector, and it stays in force', () => {
  const base = { 'machines/m1.yaml': machine('m1', 'r7'), 'jobs/a.yaml': job() };
  const plan = planned(base, { ...base, 'machines/m1.yaml': machine('m1', 'r8') });
  assert.equal(
    plan.problems.map(({ file, path, new: isNew }) => [file, path, isNew]),
    [['jobs/a.yaml', 'MachineSelector', true]],
  );
});

const rivals = {
  'machines/m1.yaml': machine('m1', 'r7'),
  'machines/m2.yaml': machine('m2', 'r8'),
  'machines/m3.yaml': machine('m3', 'r7', { role: 'x' }),
  'jobs/a.yaml': job(),
  'jobs/b.yaml': job({
    MachineSelector: { MatchLabels: { role: 'x' } },
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'Balanced' } }],
  }),
};

test('S15 a label makes a collision: reported at the file of the machine; what was there is not new', () => {
  const plan = planned(rivals, { ...rivals, 'machines/m1.yaml': machine('m1', 'r7', { role: 'x' }) });
  assert.equal(
    plan.collisions.map(({ machine: id, new: isNew, file = null }) => [id, isNew, file]),
    [
      ['m1', true, 'machines/m1.yaml'],
      ['m3', false, null],
    ],
  );
  assert.match(told(plan), 'made by the labels in machines/m1.yaml');
});

test('S15 an edit of a job makes a collision: it is the job’s', () => {
  const plan = planned(rivals, {
    ...rivals,
    'jobs/c.yaml': job({ Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'Custom' } }] }),
  });
  assert.equal(
    plan.collisions.map(({ machine: id, new: isNew, file = null }) => [id, isNew, file]),
    [
      ['m1', true, null],
      ['m3', true, null],
    ],
  );
});

for (const [what, one, other, expected] of [
  ['texts that are the same on the machine', '{Labels.rack}', 'r7', 0],
  ['texts that differ on the machine', '{Labels.rack}', 'r8', 1],
  ['the same text with placeholders', '{Machine.ID}', '{Machine.ID}', 0],
] as const) {
  test(`S15 S11 two jobs write ${what}: ${expected === 0 ? 'no collision' : 'a collision'}`, () => {
    const files = { 'machines/m1.yaml': machine('m1', 'r7'), 'jobs/a.yaml': naming(one), 'jobs/b.yaml': naming(other) };
    assert.is(planned({}, files).collisions.length, expected);
  });
}

test.run();
