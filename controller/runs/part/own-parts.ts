/**
 * What this controller carries out itself, of the runs that are on their way. Where another one takes over as planned,
 * this is waited for; the parts at sites go on there meanwhile, and are the other's.
 */
export interface OwnParts {
  /** Own parts of a run begin. */
  begin(): void;
  /** They have ended; where the run has no others, so has it. */
  end(): void;
  /** Resolves as soon as none is left. From then on what comes from sites is the other controller's to record. */
  handOver(): Promise<void>;
  readonly isHandedOver: boolean;
}

/** None is on its way yet. */
export function createOwnParts(): OwnParts {
  const state: { count: number; isHandedOver: boolean; waiting: (() => void)[] } = {
    count: 0,
    isHandedOver: false,
    waiting: [],
  };
  const wake = () => {
    if (state.count > 0 || state.waiting.length === 0) return;
    state.isHandedOver = true;
    for (const resolve of state.waiting) resolve();
  };
  return {
    begin() {
      state.count += 1;
    },
    end() {
      state.count -= 1;
      wake();
    },
    handOver: () =>
      new Promise((resolve) => {
        state.waiting.push(resolve);
        wake();
      }),
    get isHandedOver() {
      return state.isHandedOver;
    },
  };
}
