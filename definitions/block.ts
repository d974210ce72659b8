/** What each reason means, and whether a run fails of which a part was skipped for it. */
export interface ReasonMeaning {
  readonly fails: boolean;
  /** Many wait for the same moment: their starts are spread over a minute. */
  readonly isCrowd?: true;
  readonly meaning: string;
}

/**
 * Why a run or a part does not begin although its time has come, in a word: the first of a `Missed` reason, the word of
 * a skipped part, and the label of a metric. A run of which a part was skipped by a halt, a guard or an identity is
 * `Failed`, by a window `Completed`.
 */
export const BLOCK_REASONS = {
  Frozen: { fails: false, meaning: 'a freeze is active', isCrowd: true },
  OutsideWindow: { fails: false, meaning: 'the windows in which it may begin are closed', isCrowd: true },
  WindowBroken: {
    fails: false,
    meaning: "a new window's file is refused, so nobody knows what it would forbid",
    isCrowd: true,
  },
  Hold: { fails: false, meaning: 'the hold file exists', isCrowd: true },
  Unresolved: { fails: false, meaning: 'its machines, or what each of them gets, cannot be told' },
  Removed: { fails: false, meaning: 'the machine left the inventory after the run had been claimed' },
  Superseded: { fails: false, meaning: 'a later run writes the same' },
  Overtaken: { fails: false, meaning: 'it waited until the next run of its job was due, or its deadline had passed' },
  Withdrawn: { fails: false, meaning: 'the job was edited, suspended or deleted before the part began' },
  Soaking: { fails: false, meaning: 'the wave of the run before is left alone until its values are read once more' },
  NotItsTurn: { fails: true, meaning: 'its wave, or its turn in it, had not come when the run ended' },
  RolloutHalted: { fails: true, meaning: 'the rollout has halted' },
  GuardRefused: { fails: true, meaning: 'a guard refuses it' },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

/** What a reason means for the run, and for when its parts start. */
export function meaningOf(reason: BlockReason): ReasonMeaning {
  return BLOCK_REASONS[reason];
}

export type BlockReason = keyof typeof BLOCK_REASONS;

/** What keeps a run or a part from beginning. */
export interface Block {
  readonly reason: BlockReason;
  /**
   * One sentence that begins with the reason, the same wherever it is told: `Frozen by Year end until 2027-01-04T05:00:00Z`.
   * It says what holds, never for how long it has held, so that the same fact gives the same text.
   */
  readonly message: string;
}
