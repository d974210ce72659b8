import { crc32 } from 'node:zlib';
import type { Entry } from '../../definitions/record.ts';

const NEWLINE = 0x0a;

/** One line of a journal: a checksum, the number, the record. */
export function printLine(entry: Entry): string {
  const body = `${entry.seq} ${JSON.stringify(entry.record)}`;
  return `${checksum(body)} ${body}\n`;
}

/** The checksum with which a line begins. */
function checksum(body: string | Uint8Array): string {
  return crc32(body).toString(16).padStart(8, '0');
}

/** A whole line of a journal that its checksum vouches for. */
export interface Line {
  readonly seq: number;
  readonly digest: string;
  /** Where it begins, and where the next one does, in bytes. */
  readonly start: number;
  readonly end: number;
  entry(): Entry;
}

/** What the bytes of a segment hold. */
export interface Scan {
  readonly lines: readonly Line[];
  /** Lines that cannot be read though readable ones follow. */
  readonly damaged: number;
  /** Where the last readable line ends: what follows is torn. */
  readonly end: number;
}

/** Reads the lines of a segment; `start` is where the bytes begin in it. */
export function scan(bytes: Buffer, start = 0): Scan {
  const lines: Line[] = [];
  let damaged = 0;
  let suspect = 0;
  for (const line of readings(bytes, start)) {
    if (line) {
      lines.push(line);
      damaged += suspect;
      suspect = 0;
    } else suspect += 1;
  }
  return { lines, damaged, end: lines.at(-1)?.end ?? start };
}

/** The lines of a segment one by one; null: one that cannot be read. */
export function* readings(bytes: Buffer, start = 0): Generator<Line | null> {
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    if (newline < 0) return;
    yield readLine(bytes, from, newline, start);
    from = newline + 1;
  }
}

function readLine(bytes: Buffer, from: number, newline: number, start: number): Line | null {
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
    entry: () => ({ seq, record: JSON.parse(body.toString('utf8', blank + 1)) as Entry['record'] }),
  };
}
