import type { Clock } from '../../clock.ts';
import type { ManagerNow } from './resource-tree.ts';

/** How a manager restarts; durations are in milliseconds by the BMC's clock. */
export interface RestartHabits {
  /** It goes on answering for so long after it accepted. */
  readonly servesOnMs: number;
  /** Nobody answers for so long; infinite: it never returns. */
  readonly downMs: number;
  /** Then so many requests with a login or a session are answered 401, whatever they bring. */
  readonly refusals: number;
  /** And the manager is `Starting` for so long. */
  readonly startingMs: number;
}

/** A manager that is back in six seconds. */
export const RESTART_HABITS: RestartHabits = { servesOnMs: 1_000, downMs: 5_000, refusals: 0, startingMs: 2_000 };

/** The restarts of a BMC's managers: when they were, and what is still to be felt of them. */
export class Restarts {
  readonly #clock: Clock;
  readonly #last = new Map<string, { readonly at: Date; readonly startingUntil: number }>();
  /** Requests that are still refused after a restart. */
  refusals = 0;
  /** Takes the service down and up again; set by whoever holds its port. */
  takeDown: () => void = () => undefined;
  habits: RestartHabits = RESTART_HABITS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A manager restarts; `service` says that it is the one that speaks Redfish. */
  begin(id: string, service: boolean): void {
    const { servesOnMs, downMs, startingMs } = this.habits;
    const at = this.#clock.now();
    this.#last.set(id, { at, startingUntil: at.getTime() + servesOnMs + downMs + startingMs });
    if (service) this.takeDown();
  }

  /** The service answers again. */
  isUp(): void {
    this.refusals = this.habits.refusals;
  }

  now(id: string): ManagerNow {
    const last = this.#last.get(id);
    const now = this.#clock.now();
    const seconds = (time: Date) => `${time.toISOString().slice(0, 19)}+00:00`;
    return {
      dateTime: seconds(now),
      ...(last ? { lastReset: seconds(last.at) } : {}),
      starting: last !== undefined && now.getTime() < last.startingUntil,
    };
  }
}
