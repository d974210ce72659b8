import { crc32 } from 'node:zlib';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Piece } from './pieces.ts';

const NEWLINE = 0x0a;

/** One line of a journal: a checksum, the number, the record. */
export function printLine(entry: JournalEntry): string {
  const body = `${entry.seq} ${JSON.stringify(entry.record)}`;
  return `${checksum(body)} ${body}\n`;
}

/** The checksum with which a line begins. */
function checksum(body: string | Uint8Array): string {
  return crc32(body).toString(16).padStart(8, '0');
}

/** A whole line of a journal that its checksum vouches for. */
export interface JournalLine {
  readonly seq: number;
  readonly digest: string;
  /** Where it begins, and where the next one does, in bytes. */
  readonly start: number;
  readonly end: number;
  entry(): JournalEntry;
}

/** The whole lines of some bytes of a segment, which begin at `start` in it; null: one that cannot be read. */
export function linesIn(bytes: Buffer, start = 0): (JournalLine | null)[] {
  const lines: (JournalLine | null)[] = [];
  for (let from = 0, newline = bytes.indexOf(NEWLINE); newline >= 0; newline = bytes.indexOf(NEWLINE, from)) {
    lines.push(readLine(bytes, from, newline, start));
    from = newline + 1;
  }
  return lines;
}

/**
 * The lines of a segment that can be read, those of a piece together.
 * @param damaged hears how many lines before a readable one cannot be read; what follows the last one is torn
 */
export async function* scanning(
  pieces: AsyncIterable<Piece>,
  damaged: (lines: number) => void = () => undefined,
): AsyncGenerator<readonly JournalLine[]> {
  let suspect = 0;
  for await (const { bytes, start } of pieces) {
    const lines: JournalLine[] = [];
    for (const line of linesIn(bytes, start)) {
      if (line && suspect > 0) damaged(suspect);
      suspect = line ? 0 : suspect + 1;
      if (line) lines.push(line);
    }
    yield lines;
  }
}

function readLine(bytes: Buffer, from: number, newline: number, start: number): JournalLine | null {
  const digest = bytes.toString('latin1', from, from + 8);
  const body = bytes.subarray(from + 9, newline);
  const blank = body.indexOf(0x20);
  const seq = Number(body.toString('latin1', 0, blank));
  if (blank < 1 || !Number.isSafeInteger(seq) || checksum(body) !== digest) return null;
  return {
    seq,
    digest,
    start: start + from,
    end: start + newline + 1,
    entry: () => ({ seq, record: JSON.parse(body.toString('utf8', blank + 1)) as JournalEntry['record'] }),
  };
}
