import type { Guard, Guards } from '../guard.ts';
import { GUARD_CLASSES, type GuardClass } from '../guard-class.ts';
import { durationMs } from '../values/duration.ts';
import { canonical, type Json } from '../values/json.ts';

/** The limits in force, and those that are to take their place. */
export interface Limits {
  readonly inForce: Guards;
  /** Limits of which some are raised, and when they were seen; null: all are in force. */
  readonly coming: { readonly guards: Guards; readonly seen: Date } | null;
}

/**
 * A merge cannot open a gate and drive through it: longer than a trigger waits for a worker, what is raised does not
 * hold. Nor does it wait for another commit, which might never come.
 */
const RAISE_AFTER_MS = 60_000;

/** The limits once `bmcron.yaml` asks for others: what is stricter holds at once, what is raised after a while (G12). */
export function afterSettings(before: Limits, wanted: Guards, now: Date): Limits {
  const { inForce, coming } = settled(before, now);
  const both = stricter(inForce, wanted);
  if (same(both, wanted)) return { inForce: wanted, coming: null };
  const seen = coming && same(coming.guards, wanted) ? coming.seen : now;
  return { inForce: both, coming: { guards: wanted, seen } };
}

/** The limits at a moment: what was raised long enough ago is in force. */
export function settled(limits: Limits, now: Date): Limits {
  const { coming } = limits;
  if (!coming || now.getTime() - coming.seen.getTime() < RAISE_AFTER_MS) return limits;
  return { inForce: coming.guards, coming: null };
}

function same(a: Guards, b: Guards): boolean {
  return canonical(a as unknown as Json) === canonical(b as unknown as Json);
}

function stricter(a: Guards, b: Guards): Guards {
  const classes = Object.keys(GUARD_CLASSES) as GuardClass[];
  return Object.fromEntries(classes.map((name) => [name, stricterGuard(a[name], b[name])])) as unknown as Guards;
}

/** What holds when two guards hold; of domains by two labels the first, since no machine can be in both. */
export function stricterGuard(a: Guard, b: Guard): Guard {
  return {
    MaxMachines: least(a.MaxMachines, b.MaxMachines, Number),
    MaxPercent: least(a.MaxPercent, b.MaxPercent, Number.parseFloat),
    Per: ms(a.Per) >= ms(b.Per) ? a.Per : b.Per,
    MaxPerDomain: stricterDomain(a.MaxPerDomain, b.MaxPerDomain),
    MinInterval: least(a.MinInterval, b.MinInterval, (text) => -ms(text)),
    Identity: a.Identity === 'Required' ? a.Identity : b.Identity,
  };
}

function stricterDomain(a: Guard['MaxPerDomain'], b: Guard['MaxPerDomain']): Guard['MaxPerDomain'] {
  if (!a || !b) return a ?? b;
  if (a.Label !== b.Label) return a;
  const Unlabelled = a.Unlabelled === 'OneDomain' ? a.Unlabelled : b.Unlabelled;
  return { Label: a.Label, Count: Math.min(a.Count, b.Count), Unlabelled };
}

/** The one of less weight; null weighs nothing and yields. */
function least<Value>(a: Value | null, b: Value | null, weight: (value: Value) => number): Value | null {
  if (a === null || b === null) return a ?? b;
  return weight(b) < weight(a) ? b : a;
}

function ms(text: string): number {
  return durationMs(text) ?? 0;
}
