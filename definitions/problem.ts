import type { RuleID } from './rules.ts';

/** The four stages of validation, in the order in which they are judged (R01, R02). */
export const STAGES = ['structure', 'payload', 'platform', 'schedule'] as const;
export type Stage = (typeof STAGES)[number];

/** Why a manifest is refused (`error`), or what about it deserves a second look (`warning`). */
export interface Problem {
  /** Path below the fleet's root. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `Payload[0].Payload.Profile`; `$` is the document itself. */
  readonly path: string;
  readonly stage: Stage;
  /** The rule that it breaks. */
  readonly rule: RuleID;
  /** What is wrong and what is allowed, in one line without control characters. */
  readonly message: string;
  readonly severity: 'error' | 'warning';
  /** The place (`file:line:column`) of the problem without which this one would not be; absent: it is one by itself. */
  readonly because?: string;
}
