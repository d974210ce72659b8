import type { Stats } from 'node:fs';

/** Who may do what with a file: a `secret` is nobody else's to read, what is only `trusted` nobody else's to change. */
export type FileTrust = 'secret' | 'trusted';

/** Bits that others may not have; the group may read (Kubernetes mounts secrets so), and change what is no secret. */
const TOO_OPEN: Readonly<Record<FileTrust, number>> = { secret: 0o027, trusted: 0o002 };
const ADVICE: Readonly<Record<FileTrust, string>> = {
  secret: 'others may read or change it (mode MODE): chmod 0600, or 0640 for a group',
  trusted: 'others may change it (mode MODE): chmod o-w',
};

/** What is wrong with a file's mode, and what to do; null where nothing is, and where the system has no modes. */
export function modeFault({ mode }: Pick<Stats, 'mode'>, trust: FileTrust, platform = process.platform): string | null {
  if (platform === 'win32' || (mode & TOO_OPEN[trust]) === 0) return null;
  return ADVICE[trust].replace('MODE', (mode & 0o777).toString(8).padStart(4, '0'));
}
