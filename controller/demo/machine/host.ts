import { after, type Clock } from '../../clock.ts';

/** `PowerState` as a system shows it. */
export type HostPower = 'On' | 'Off' | 'PoweringOn' | 'PoweringOff';

/** What becomes of a host that is asked to do something; durations are in milliseconds by the BMC's clock. */
export interface HostHabits {
  /**
   * `obeys`: boots, and shuts down when asked. `ignores ACPI`: shuts down only by force. `hangs`: never gets through
   * its boot, and hears no ACPI there. `dead`: takes every order and does nothing.
   */
  readonly os: 'obeys' | 'ignores ACPI' | 'hangs' | 'dead';
  /** Whether it runs when the BMC is switched on. */
  readonly power: 'On' | 'Off';
  /** From an order to switch to rails that are so. */
  readonly railsMs: number;
  /** From power to an operating system that runs; ACPI is not heard before. */
  readonly bootMs: number;
  /** From an ACPI press to an operating system that is down. */
  readonly shutdownMs: number;
  /** Whether `PoweringOn` and `PoweringOff` are shown; else the old state until the new one. */
  readonly transitions: boolean;
  /** So long after a power-off an order to switch on is a conflict (iDRAC10). */
  readonly settlesMs: number;
}

/** A host that is well: on, obeys, boots in 20 s. */
export const HOST_HABITS: HostHabits = {
  os: 'obeys',
  power: 'On',
  railsMs: 1_000,
  bootMs: 20_000,
  shutdownMs: 5_000,
  transitions: true,
  settlesMs: 0,
};

/** What a host shows of itself. */
export interface HostNow {
  readonly power: HostPower;
  /** `BootProgress.LastState`. */
  readonly progress: string;
  /** When it was last switched on or restarted, as `LastResetTime` says it. */
  readonly lastReset: string;
}

const BOOT: readonly (readonly [share: number, progress: string])[] = [
  [0, 'PrimaryProcessorInitializationStarted'],
  [0.3, 'SystemHardwareInitializationComplete'],
  [0.7, 'OSBootStarted'],
  [1, 'OSRunning'],
];
const POST_ENDS = 0.3;

interface Moving {
  power: HostPower;
  progress: string;
  lastReset: Date;
  wentOff: Date | undefined;
  /** Counts orders: what an older one began does not go on. */
  order: number;
}

/** A server that is switched on and off, boots, and does not always do what it is asked. */
export class Host {
  readonly #habits: HostHabits;
  readonly #clock: Clock;
  readonly #later: (moment: Date, act: () => void) => void;
  readonly #state: Moving;
  /** What it was asked since it was made, oldest first. */
  readonly orders: string[] = [];

  constructor(habits: HostHabits, clock: Clock, later: (moment: Date, act: () => void) => void) {
    this.#habits = habits;
    this.#clock = clock;
    this.#later = later;
    const on = habits.power === 'On';
    const booted = habits.os === 'hangs' ? 'SystemHardwareInitializationComplete' : 'OSRunning';
    this.#state = {
      power: habits.power,
      progress: on ? booted : 'None',
      lastReset: new Date('2026-01-01T00:00:00Z'),
      wentOff: undefined,
      order: 0,
    };
  }

  now(): HostNow {
    const { power, progress, lastReset } = this.#state;
    return { power, progress, lastReset: `${lastReset.toISOString().slice(0, 19)}+00:00` };
  }

  /** Whether an order to switch on comes too soon after a power-off. */
  get settles(): boolean {
    const { wentOff } = this.#state;
    return wentOff !== undefined && this.#clock.now().getTime() - wentOff.getTime() < this.#habits.settlesMs;
  }

  /** Does what a `ResetType` asks, as well as this host can. */
  order(type: string): void {
    this.orders.push(type);
    if (this.#habits.os === 'dead') return;
    const on = this.#state.power !== 'Off';
    if (type === 'On' || type === 'ForceOn') {
      if (!on) this.#switchOn();
    } else if (type === 'ForceOff') {
      if (on) this.#switchOff(() => undefined);
    } else if (type === 'GracefulShutdown') this.#shutDown(() => undefined);
    else if (type === 'PushPowerButton') {
      if (on) this.#shutDown(() => undefined);
      else this.#switchOn();
    } else if (type === 'GracefulRestart') this.#shutDown(() => this.#switchOn());
    else if (type === 'PowerCycle') this.#switchOff(() => this.#switchOn());
    else if (type === 'ForceRestart' && on) this.#boot();
  }

  #in(ms: number, act: () => void): void {
    const { order } = this.#state;
    this.#later(after(this.#clock, ms), () => {
      if (order === this.#state.order) act();
    });
  }

  #switchOn(): void {
    this.#state.order += 1;
    if (this.#habits.transitions) this.#state.power = 'PoweringOn';
    this.#in(this.#habits.railsMs, () => {
      this.#state.power = 'On';
      this.#boot();
    });
  }

  #boot(): void {
    this.#state.order += 1;
    this.#state.lastReset = this.#clock.now();
    for (const [share, progress] of BOOT) {
      if (this.#habits.os === 'hangs' && share > POST_ENDS) break;
      const reach = () => {
        this.#state.progress = progress;
      };
      if (share === 0) reach();
      else this.#in(share * this.#habits.bootMs, reach);
    }
  }

  /** An ACPI press: lost on a host that is off, boots, or does not listen. */
  #shutDown(then: () => void): void {
    if (this.#state.power !== 'On' || this.#state.progress !== 'OSRunning' || this.#habits.os !== 'obeys') return;
    this.#state.order += 1;
    if (this.#habits.transitions) this.#state.power = 'PoweringOff';
    this.#in(this.#habits.shutdownMs, () => this.#isOff(then));
  }

  #switchOff(then: () => void): void {
    this.#state.order += 1;
    if (this.#habits.transitions) this.#state.power = 'PoweringOff';
    this.#in(this.#habits.railsMs, () => this.#isOff(then));
  }

  #isOff(then: () => void): void {
    this.#state.power = 'Off';
    this.#state.progress = 'None';
    this.#state.wentOff = this.#clock.now();
    then();
  }
}
