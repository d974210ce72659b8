import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { project } from '../../definitions/report/commit-message.ts';
import type { Status } from '../../definitions/status.ts';
import { createGitFolder, type GitFolder, git, workTree } from '../support/git-folder.ts';
import { openTestPublisher } from '../support/publisher.ts';
import { bareGit } from './bare-git.ts';
import { compare, timed } from './measure.ts';
import type { Case, Row } from './row.ts';

/** A fleet of n jobs on a bare repository of its own. */
function fleetOf(at: GitFolder, name: string, n: number): string {
  const files: Record<string, string> = {};
  for (let job = 0; job < n; job += 1) files[`jobs/job-${job}.yaml`] = `Name: Job ${job}\nMachines: [machine-${job}]\n`;
  const bare = at.path(`${name}.git`);
  git(at.root, 'clone', '--quiet', '--bare', workTree(at.path(name), files), bare);
  return bare;
}

/** What n runs leave: a status and a log each. */
function recordsOf(n: number, round: number): JournalRecord[] {
  const time = `2026-03-${String(10 + round).padStart(2, '0')}T22:00:00Z`;
  const folder = `logs/2026/03/${String(10 + round).padStart(2, '0')}`;
  return Array.from({ length: n }, (_, job): JournalRecord[] => {
    const [run, machine] = [`job-${job}@${time}`, `machine-${job}`];
    const Result = { ManagerID: 'bmc', OldProfile: 'Performance', NewProfile: 'PowerSaver' };
    const log = { JobID: `job-${job}`, MachineID: machine, Action: 'PatchProfile', Status: 'success' as const };
    const path = `${folder}/job-${job}_${machine}_PatchProfile_2026_success.json`;
    return [
      {
        kind: 'result',
        run,
        outcome: 'Applied',
        path,
        log: { ...log, Timestamp: time, ExecutionTime: '1.234s', Result, Error: null },
      },
      { kind: 'status', path: `jobs/job-${job}.status.yaml`, documents: [statusOf(job, machine, time, round)] },
    ];
  }).flat();
}

function statusOf(job: number, machine: string, time: string, count: number): Status {
  return {
    Id: `job-${job}`,
    Name: `Nightly PowerSaver Mode ${job}`,
    Machines: [machine],
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    Schedule: { Type: 'Continuous', Time: '22:00:00', Period: { StartDay: '2026-02-10' } },
    Status: 'Completed',
    CreatedTime: '2026-02-10T10:00:00Z',
    LastRunTime: time,
    NextRunTime: time,
    ExecutionCount: count + 2,
    Suspended: false,
    Conditions: [],
    LastTrigger: null,
    Missed: [],
    LastRun: {
      RunID: `job-${job}@${time}`,
      Trigger: 'Schedule',
      NominalTime: time,
      StartTime: time,
      EndTime: time,
      Succeeded: 1,
      Failed: 0,
      FailedMachines: [],
    },
    ObservedCommit: 'c0ffee',
    AppliedCommit: 'c0ffee',
  };
}

/** The same commit made by hand: one `git fast-import` of the same bytes, as durable, and one push. */
async function byHand(clone: string, records: readonly JournalRecord[]): Promise<number> {
  const { files } = project(records.map((record, index) => ({ seq: index + 1, record })));
  const parts = ['commit refs/heads/main\ncommitter x <x@x> 1773180000 +0000\ndata 1\nx\nfrom refs/heads/main^0\n'];
  for (const [path, text] of files)
    parts.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text ?? '')}\n${text}\n`);
  const stream = parts.join('');
  return timed(async () => {
    await bareGit(clone, ['-c', 'core.fsync=committed', 'fast-import', '--quiet'], stream);
    await bareGit(clone, ['push', '--quiet', 'origin', 'main']);
  });
}

/** Publishes n changed status files and n logs. The journal holds them already; it ends when they are public. */
export const publish: Case = {
  name: 'publish',
  what: 'N changed status files and N logs brought to the remote / one bare `git fast-import` as durable, and one push',
  unit: 'ms',
  bar: 1.3,
  sizes: { full: [1_000], short: [10] },
  measure: async (n, scale) => [await measurePublish(n, scale === 'full' ? 5 : 1)],
};

async function measurePublish(n: number, rounds: number): Promise<Row> {
  const at = createGitFolder();
  try {
    const [bare, other] = [fleetOf(at, 'ours', n), fleetOf(at, 'floor', n)];
    const clone = at.path('clone.git');
    git(at.root, 'clone', '--quiet', '--bare', `file://${other}`, clone);
    const fleet = `file://${bare}`;
    const options = { fleet, stateDir: at.path('state') };
    const publishing = { project: (entries: readonly JournalEntry[], id: string) => project(entries, 'files', id) };
    const { repository, journal, publisher } = await openTestPublisher(options, publishing);
    await repository.snapshot(() => false);
    const laps = { ours: 0, floor: 0 };
    const ours = async () => {
      await journal.append(recordsOf(n, laps.ours++));
      return timed(async () => {
        const { outcome } = await publisher.publish();
        if (outcome !== 'Pushed') throw new Error(outcome);
      });
    };
    return await compare({ case: 'publish', n, ours, floor: () => byHand(clone, recordsOf(n, laps.floor++)), rounds });
  } finally {
    at.remove();
  }
}
