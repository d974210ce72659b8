import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSharedFacts } from '../../controller/state/shared-facts.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { Status } from '../../definitions/status.ts';

/** Texts that look like what stands around the parts of a record. */
const HOSTILE = [
  ',"Name":',
  ',"Status":"',
  ',"Conditions":[',
  '],"LastTrigger":',
  '},{"Id":',
  '},"version":"',
  '"documents":[{"spec":{"Name":',
  '"documents":[{"Id":',
  '"}]}',
  '\\',
  'é\u2028',
];
const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string());
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom('Name', 'Status', 'Conditions', 'LastTrigger', 'Id', 'version'), text),
      tie('value'),
      {
        maxKeys: 3,
      },
    ),
  ),
})).value;
const spec = fc.record({ Name: text, Machines: fc.array(text), Action: text, Payload: fc.array(json), Schedule: json });
const conditions = fc.array(fc.record({ Type: text, Status: text, Reason: text, Message: text }), { maxLength: 2 });
const facts = fc
  .tuple(
    text,
    spec,
    fc.record({ Status: text, CreatedTime: text }),
    conditions,
    fc.record({ LastTrigger: json, Missed: json }),
  )
  .map(([Id, said, was, Conditions, rest]) => ({ Id, ...said, ...was, Conditions, ...rest }) as unknown as Status);
const records = fc.record({
  kind: fc.constant('status' as const),
  path: text,
  documents: fc.array(facts, { maxLength: 2 }),
});
const readings = fc.tuple(
  text,
  fc.record({
    job: fc.record({
      kind: fc.constant('job'),
      documents: fc.array(fc.record({ spec: fc.option(spec), version: fc.option(text), name: text, mentions: json }), {
        maxLength: 2,
      }),
    }),
  }),
);

/** Keys in their order count: what is printed again is the same text. */
const printed = (value: unknown) => JSON.stringify(value);

test('#15.5 a record of the journal is what JSON.parse makes of it, whatever its texts say', () => {
  fc.assert(
    fc.property(fc.array(records, { maxLength: 4 }), (all) => {
      const shared = createSharedFacts();
      for (const record of [...all, ...all]) assert.is(printed(shared.record(printed(record))), printed(record));
    }),
    { numRuns: 500 },
  );
});

test('#15.5 so is a reading of a manifest', () => {
  fc.assert(
    fc.property(fc.array(readings, { maxLength: 4 }), (all) => {
      const shared = createSharedFacts();
      for (const pair of [...all, ...all]) assert.is(printed(shared.reading(printed(pair))), printed(pair));
    }),
    { numRuns: 500 },
  );
});

const SPEC = {
  Name: 'Nightly',
  Machines: ['machine-1'],
  Action: 'PatchProfile',
  Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
  Schedule: { Type: 'Continuous', Time: '22:00:00' },
};
const Conditions = [{ Type: 'Valid', Status: 'True', Reason: 'Accepted', Message: '', LastTransitionTime: '' }];

test('#15.5 what manifests and facts both say is one object, and so are conditions alike', () => {
  const shared = createSharedFacts();
  const reading = { kind: 'job', documents: [{ spec: SPEC, version: 'v', name: 'Nightly' }] };
  const [, readings] = shared.reading(JSON.stringify(['blob', { job: reading }])) as [string, { job: typeof reading }];
  const facts = (Id: string) => {
    const document = { Id, ...SPEC, Status: 'Pending', Conditions, LastTrigger: null };
    const record = { kind: 'status', path: `jobs/${Id}.status.yaml`, documents: [document] };
    const read = shared.record(JSON.stringify(record)) as Extract<JournalRecord, { kind: 'status' }>;
    return read.documents[0] as Status;
  };
  const [a, b] = [facts('a'), facts('b')];
  assert.is(a.Payload, readings.job.documents[0]?.spec.Payload);
  assert.is(a.Schedule, b.Schedule);
  assert.is(a.Conditions, b.Conditions);
  assert.is.not(a, b);
});

test.run();
