import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may write: names by the SHA-256 of their tokens. The tokens themselves are nowhere. */
export interface Tokens {
  /** The name whose token this is; null when it is nobody's. Takes as long whoever it is. */
  nameOf(token: string): string | null;
  readonly size: number;
}

/** A token file that cannot be used: which line, and what is allowed there. */
export class TokensError extends Error {
  override readonly name = 'TokensError';
}

const MOST_TOKENS = 1_000;
/** It becomes the author of commits (R44). */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}$/;

/** Nobody may write. */
export const NO_TOKENS: Tokens = { nameOf: () => null, size: 0 };

/** Reads a token file: `name sha256hex` a line, blank lines and lines that begin with # apart. @throws TokensError */
export function readTokens(text: string): Tokens {
  const known: { readonly name: string; readonly digest: Buffer }[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [name = '', digest = '', ...rest] = line.trim().split(/\s+/);
    // The line itself is not quoted: somebody may have put the token there instead of its digest (R43).
    if (rest.length > 0 || !NAME.test(name) || !/^[0-9a-f]{64}$/i.test(digest)) {
      const advice =
        'a name of 1 to 63 letters, digits and . _ @ + -, a blank, 64 hex digits (printf %s TOKEN | sha256sum)';
      throw new TokensError(`line ${index + 1} of the token file is not understood: ${advice}`);
    }
    known.push({ name, digest: Buffer.from(digest, 'hex') });
    if (known.length > MOST_TOKENS) throw new TokensError(`more than ${MOST_TOKENS} tokens`);
  }
  return {
    size: known.length,
    nameOf(token) {
      const digest = createHash('sha256').update(token).digest();
      let found: string | null = null;
      for (const each of known) if (timingSafeEqual(each.digest, digest)) found = each.name;
      return found;
    },
  };
}
