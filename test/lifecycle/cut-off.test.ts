// What a start knows of parts that a crash cut off once they had something to send (R61).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { closeOpenRuns, remember, unknownParts } from '../../definitions/lifecycle/recovery.ts';
import { finishOf } from '../../definitions/lifecycle/run-end.ts';
import { interrupted, type Result } from '../../definitions/run.ts';
import { logPath, logRecord } from '../../definitions/run-log.ts';
import { claimOf, endsOf, factsOf, jobOf } from '../support/jobs.ts';

const NOW = new Date('2026-03-10T22:10:00Z');
const NOMINAL = '2026-03-10T22:00:00Z';
const job = jobOf('a', { Machines: ['m1', 'm2'] });
const claim = claimOf(job, NOMINAL);
const claimed: JournalRecord = { kind: 'claim', claim };
const facts: JournalRecord = {
  kind: 'status',
  path: 'jobs/a.status.yaml',
  documents: [factsOf(job, { NextRunTime: NOMINAL, ExecutionCount: 3, Status: 'Completed' })],
};

const asEntries = (records: readonly JournalRecord[]): readonly JournalEntry[] =>
  records.map((record, index) => ({ seq: index + 1, record }));

const READ = { ManagerID: 'bmc', OldProfile: 'Balanced', NewProfile: null };

/** A part is about to send; the first time with what a start needs. */
function image(machine: string, more: { isFirst?: boolean; onFailure?: 'Revert' } = {}): JournalRecord {
  const { isFirst = true, onFailure } = more;
  const seen: Result = { machine, outcome: 'Applied', entries: [READ], error: null };
  const part = { payload: job.spec.Payload, ...(onFailure && { onFailure }) };
  const log = logRecord(claim, seen, 1, new Date(claim.start), 700);
  return { kind: 'before', run: claim.run, log, ...(isFirst && { part }) };
}

function readBack(machine: string): JournalRecord {
  const seen: Result = { machine, outcome: 'Applied', entries: [{ ...READ, NewProfile: 'PowerSaver' }], error: null };
  return { kind: 'readBack', run: claim.run, log: logRecord(claim, seen, 1, new Date(claim.start), 700) };
}

function result(machine: string): JournalRecord {
  const ended: Result = { machine, outcome: 'Applied', entries: [], error: null };
  const log = logRecord(claim, ended, 1, new Date(claim.start), 1_000);
  return { kind: 'result', run: claim.run, outcome: 'Applied', path: logPath(log), log };
}

/** What the journal says → the machines that a start looks at, in this order. */
const LOOKED_AT: readonly (readonly [string, readonly JournalRecord[], readonly string[]])[] = [
  ['nothing was sent', [claimed], []],
  ['one was about to send', [claimed, image('m1')], ['m1']],
  ['twice, the second time without what is known', [claimed, image('m1'), image('m1', { isFirst: false })], ['m1']],
  ['it has a result', [claimed, image('m1'), result('m1')], []],
  ['it was read back', [claimed, image('m1'), readBack('m1')], []],
  ['it was read back, and sent more', [claimed, image('m1'), readBack('m1'), image('m1', { isFirst: false })], ['m1']],
  [
    'it was read back, and owes to put it back',
    [claimed, image('m1', { onFailure: 'Revert' }), readBack('m1')],
    ['m1'],
  ],
  ['what is owed comes first', [claimed, image('m1'), image('m2', { onFailure: 'Revert' })], ['m2', 'm1']],
  ['its run has ended', [claimed, image('m1'), finishOf(claim, endsOf(), NOW)], []],
  ['a journal of a version without before-images', [claimed, readBack('m1')], []],
];

for (const [title, records, expected] of LOOKED_AT) {
  test(`V11 R61 after a crash, ${title}: looked at are ${expected.join(', ') || 'none'}`, async () => {
    const parts = unknownParts(await remember(asEntries(records)));
    assert.equal(
      parts.map(({ machine }) => machine),
      expected,
    );
    for (const { part } of parts) assert.equal(part.payload, job.spec.Payload);
  });
}

test('V11 R61 what was found of a part closes its run; nobody looked: what it was stands in its log', async () => {
  const remembered = await remember(asEntries([facts, claimed, image('m1'), image('m2')]));
  const ended: Result = { ...interrupted('m1'), entries: [{ ...READ, NewProfile: 'Acoustic' }] };
  const log = logRecord(claim, ended, 1, new Date(claim.start), 700);
  for (const isRecorded of [false, true]) {
    const found = new Map([[claim.run, new Map([['m1', { outcome: 'Interrupted' as const, log, isRecorded }]])]]);
    const records = closeOpenRuns(remembered, logPath, NOW, 'UTC', found);
    const logs = records.flatMap((each) => (each.kind === 'result' ? [each.log] : []));
    assert.equal(
      logs.map(({ MachineID, Result: shown }) => [MachineID, shown]),
      [...(isRecorded ? [] : [['m1', ended.entries[0]]]), ['m2', READ]],
    );
    assert.match(logs.at(-1)?.Error ?? '', 'interrupted');
    const finish = records.find((each) => each.kind === 'finish');
    assert.equal([finish?.succeeded, finish?.failures], [0, 2]);
  }
});

test.run();
