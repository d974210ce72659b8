import { stretchAfter, stretchAt } from '../calendar/window-times.ts';
import type { Windows } from '../window.ts';

/** When the next of the windows that are closed now lets something begin again; null: none is, or nobody knows. */
export function nextOpening(windows: Windows, timeZone: string, now: Date): Date | null {
  const openings = [...windows.values()].flatMap(({ window }) => {
    const active = stretchAt(window, timeZone, now);
    if (window.Kind === 'Freeze') return active ? [active.to] : [];
    return active ? [] : [stretchAfter(window, timeZone, now)?.from ?? Number.POSITIVE_INFINITY];
  });
  const first = Math.min(Number.POSITIVE_INFINITY, ...openings);
  return Number.isFinite(first) ? new Date(first) : null;
}
