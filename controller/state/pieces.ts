import { type FileHandle, open } from 'node:fs/promises';

const NEWLINE = 0x0a;
const PIECE_BYTES = 256 << 10;

/** Some whole lines of a file, and where they begin in it; the last piece may end in the middle of a line. */
export interface Piece {
  readonly bytes: Buffer;
  readonly start: number;
}

/**
 * The lines of a file from one place to another, piece by piece: a large file does not fill the memory. Nothing when
 * the file is not there.
 */
export async function* pieces(path: string, from = 0, to = Number.POSITIVE_INFINITY): AsyncGenerator<Piece> {
  const file = await open(path, 'r').catch(absent);
  if (!file) return;
  try {
    for (let start = from, size = PIECE_BYTES; start < to; ) {
      const wanted = Math.min(size, to - start);
      const bytes = await read(file, start, wanted);
      const isLast = bytes.length < wanted || start + wanted >= to;
      const end = isLast ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
      if (end > 0) yield { bytes: bytes.subarray(0, end), start };
      if (isLast) return;
      if (end === 0) size *= 2; // a line longer than a piece
      start += end;
    }
  } finally {
    await file.close();
  }
}

/** As many bytes as were asked for, but at the file's end. */
async function read(file: FileHandle, start: number, length: number): Promise<Buffer> {
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
