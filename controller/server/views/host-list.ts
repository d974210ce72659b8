import type { MachineID } from '../../../definitions/machine.ts';

interface Span {
  readonly prefix: string;
  readonly from: string;
  to: string;
}

/**
 * IDs as a short text, as clusters write lists of hosts: `r1-[01-20],gate`. Rows of jobs name their machines so, since
 * many jobs reach many machines. Machine IDs have neither brackets nor commas. The order is not kept.
 */
export function hostList(ids: readonly MachineID[]): string {
  const spans: Span[] = [];
  for (const id of ids.toSorted(byNumber)) {
    const [, prefix = id, digits = ''] = /^(.*?)(\d{1,9})$/.exec(id) ?? [];
    const last = spans.at(-1);
    if (last && digits !== '' && last.prefix === prefix && follows(last.to, digits)) last.to = digits;
    else spans.push({ prefix, from: digits, to: digits });
  }
  return spans.map(({ prefix, from, to }) => (from === to ? `${prefix}${from}` : `${prefix}[${from}-${to}]`)).join(',');
}

/** By length first, so that the numbers behind one prefix rise. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

/** Numbers of one width: `09` is followed by `10`, `9` by nothing. */
function follows(before: string, digits: string): boolean {
  return before !== '' && before.length === digits.length && Number(digits) === Number(before) + 1;
}
