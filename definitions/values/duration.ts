const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_MS = 10 * 366 * UNIT_MS.d;

/** What a duration looks like: `30s`, `2h`, `1h30m`, `250ms`, `7d`. */
export const DURATION_PATTERN = '^([0-9]{1,9}(ms|s|m|h|d))+$';

/** Milliseconds of a duration such as `90s` or `1h30m`; undefined when the text is not one or exceeds ten years. */
export function durationMs(text: string): number | undefined {
  if (!new RegExp(DURATION_PATTERN).test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return total <= LONGEST_MS ? total : undefined;
}
