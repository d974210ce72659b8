import type { Breaker, Guard } from '../guard.ts';
import type { GuardClass } from '../guard-class.ts';
import type { Machines } from '../machine.ts';
import type { RunID } from '../run.ts';
import type { BreakerState } from './breaker.ts';
import type { GuardCounts } from './guard-counts.ts';
import type { Domain } from './guards.ts';
import type { Identities } from './identity.ts';

/** What guards go by; it is read anew for each question. */
export interface GuardFacts {
  /** The limits of a class now; of a run that has been claimed the stricter of those of then and now. */
  limits(guard: GuardClass, now: Date, run?: RunID): Guard;
  identities(machines: Machines): Identities;
  /** Null: what was reached lately is not known. */
  readonly counts: Pick<GuardCounts, 'since' | 'last'> | null;
  readonly breaker: { readonly state: BreakerState; readonly settings: Breaker };
  /** How many parts of a class work in a domain. */
  working(guard: GuardClass, domain: Domain): number;
}
