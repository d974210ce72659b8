import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 256 << 10;

/** Some whole lines of a file, and the byte they begin at in it; the last chunk may end in the middle of a line. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly start: number;
}

/** Makes a record of its JSON. */
export type ParseRecord = (text: string) => JournalRecord;

/** A line of a journal whose checksum is right. */
export interface JournalLine {
  readonly seq: number;
  readonly digest: string;
  /** Where it begins, and where the next one does, in bytes. */
  readonly start: number;
  readonly end: number;
  /** Parses the record: only when it is asked for. */
  entry(parse?: ParseRecord): JournalEntry;
}

/** An entry as a line: a checksum, the number, the record. */
export function printLine(entry: JournalEntry): string {
  const body = `${entry.seq} ${JSON.stringify(entry.record)}`;
  return `${checksum(body)} ${body}\n`;
}

/**
 * The lines of a journal's file that can be read, from byte `from` up to byte `to`, those of a chunk together. Nothing
 * when the file is not there.
 * @param onDamaged gets how many lines before a readable one cannot be read; what follows the last one is torn
 */
export async function* readLines(
  path: string,
  from?: number,
  to?: number,
  onDamaged: (lines: number) => void = () => undefined,
): AsyncGenerator<readonly JournalLine[]> {
  let unreadable = 0;
  for await (const { bytes, start } of readChunks(path, from, to)) {
    const lines: JournalLine[] = [];
    for (const line of linesIn(bytes, start)) {
      if (line && unreadable > 0) onDamaged(unreadable);
      unreadable = line ? 0 : unreadable + 1;
      if (line) lines.push(line);
    }
    yield lines;
  }
}

/** The whole lines of some bytes of a file, which begin at `start` in it; null: one that cannot be read. */
export function linesIn(bytes: Buffer, start = 0): (JournalLine | null)[] {
  const lines: (JournalLine | null)[] = [];
  for (let from = 0, newline = bytes.indexOf(NEWLINE); newline >= 0; newline = bytes.indexOf(NEWLINE, from)) {
    lines.push(readLine(bytes, from, newline, start));
    from = newline + 1;
  }
  return lines;
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
    entry: (parse = JSON.parse) => ({ seq, record: parse(body.toString('utf8', blank + 1)) }),
  };
}

function checksum(body: string | Uint8Array): string {
  return crc32(body).toString(16).padStart(8, '0');
}

/**
 * The bytes of a file from one place to another in chunks of whole lines, so that a large file does not fill the
 * memory. Nothing when the file is not there.
 */
export async function* readChunks(path: string, from = 0, to = Number.POSITIVE_INFINITY): AsyncGenerator<Chunk> {
  const file = await open(path, 'r').catch(absent);
  if (!file) return;
  try {
    for (let start = from, size = CHUNK_BYTES; start < to; ) {
      const wanted = Math.min(size, to - start);
      const bytes = await readBytes(file, start, wanted);
      const isLast = bytes.length < wanted || start + wanted >= to;
      const end = isLast ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
      if (end > 0) yield { bytes: bytes.subarray(0, end), start };
      if (isLast) return;
      if (end === 0) size *= 2; // a line longer than a chunk
      start += end;
    }
  } finally {
    await file.close();
  }
}

/** As many bytes as were asked for; fewer only at the file's end. */
async function readBytes(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) return bytes.subarray(0, filled);
    filled += bytesRead;
  }
  return bytes;
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
