import type { Clock } from '../clock.ts';

/** What nearly everything is given: the time, and who hears of its events. */
export interface Deps<Event> {
  readonly clock: Clock;
  readonly observe: (event: Event) => void;
}
