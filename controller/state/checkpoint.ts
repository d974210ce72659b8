import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { guardKey } from '../../definitions/lifecycle/guard-state.ts';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { LONGEST_PER_MS } from '../../definitions/safety/guard-counts.ts';
import { createTimeSlice } from '../time-slice.ts';
import { writeAtomically } from './atomic-file.ts';
import { type ParseRecord, printLine, readLines } from './journal-lines.ts';

/** Milliseconds of work and of rest, in turns. */
const FOLDING = [2, 8] as const;
const NAME = /^checkpoint-(\d{12})\.ndjson$/;

/**
 * What a start needs of the entries up to a number: the latest statuses, the records of runs without an end, and what
 * the guards count.
 */
export interface Checkpoint {
  /** The last number that it stands for; 0 when there is no checkpoint. */
  readonly through: number;
  readonly entries: readonly JournalEntry[];
}

/** Reads the newest checkpoint of a journal's folder. */
export async function readCheckpoint(folder: string, parse?: ParseRecord): Promise<Checkpoint> {
  const name = (await listCheckpoints(folder)).at(-1);
  if (name === undefined) return { through: 0, entries: [] };
  const entries: JournalEntry[] = [];
  const pace = createTimeSlice();
  for await (const lines of readLines(join(folder, name))) {
    for (const line of lines) {
      entries.push(line.entry(parse));
      await pace();
    }
  }
  return { through: Number(NAME.exec(name)?.[1]), entries };
}

/**
 * Folds more of a journal's files into the checkpoint; the old one goes once the new one is durable. Only the next
 * start profits from it, so it rests between slices of work.
 * @param paths the files, oldest first
 * @param hurry once aborted, it rests no more
 */
export async function foldCheckpoint(
  folder: string,
  paths: readonly string[],
  through: number,
  hurry: AbortSignal,
): Promise<void> {
  const before = await readCheckpoint(folder);
  if (through <= before.through) return;
  const statuses = new Map<string, JournalEntry>();
  const open = new Map<string, JournalEntry[]>();
  const guarded = new Map<string, JournalEntry>();
  const put = (entry: JournalEntry) => {
    fold(entry.record, entry, statuses, open);
    const key = guardKey(entry.record);
    if (key !== null) guarded.set(key, entry);
  };
  before.entries.forEach(put);
  const [rest, turn] = [createTimeSlice(...FOLDING), createTimeSlice()];
  const pace = () => (hurry.aborted ? turn() : rest());
  for (const path of paths) {
    for await (const lines of readLines(path)) {
      for (const line of lines) {
        if (line.seq > before.through && line.seq <= through) put(line.entry());
        await pace();
      }
    }
  }
  const kept = new Set([...statuses.values(), ...[...open.values()].flat(), ...recent(guarded.values())]);
  const entries = [...kept].sort((a, b) => a.seq - b.seq);
  const lines: string[] = [];
  for (const entry of entries) {
    lines.push(printLine(entry));
    await pace();
  }
  const name = `checkpoint-${String(through).padStart(12, '0')}.ndjson`;
  await writeAtomically(join(folder, name), lines.join(''));
  for (const old of await listCheckpoints(folder)) if (old < name) await rm(join(folder, old), { force: true });
}

function fold(
  record: JournalRecord,
  entry: JournalEntry,
  statuses: Map<string, JournalEntry>,
  open: Map<string, JournalEntry[]>,
): void {
  switch (record.kind) {
    case 'status':
      statuses.set(record.path, entry);
      break;
    case 'claim':
      open.set(record.claim.run, [entry]);
      break;
    case 'before':
    case 'readBack':
    case 'result':
    case 'skip':
    case 'wait':
    case 'begin':
      open.get(record.run)?.push(entry);
      break;
    case 'finish':
    case 'left':
      open.delete(record.run);
      break;
  }
}

/** Of what guards count, what is not too long ago for any of them. */
function recent(entries: Iterable<JournalEntry>): readonly JournalEntry[] {
  const all = [...entries];
  const timeOf = ({ record }: JournalEntry) =>
    record.kind === 'result' ? Date.parse(record.log.Timestamp) : Number.POSITIVE_INFINITY;
  const newest = Math.max(...all.map(timeOf).filter(Number.isFinite));
  return all.filter((entry) => newest - timeOf(entry) <= LONGEST_PER_MS || entry.record.kind === 'safety');
}

async function listCheckpoints(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => NAME.test(name)).sort();
}
