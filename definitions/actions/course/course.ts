import type { Json, JsonObject } from '../../values/json.ts';

/**
 * How an action goes on that is an action of Redfish (a POST) and takes minutes. It decides, purely, from what has been
 * seen so far; the engine reads, sends, waits and keeps the rules: nothing else is sent than what is `declared`.
 */
export interface Course {
  /** State: a value that holds, sent again where that helps. Event: happens once, and is sent once. */
  readonly kind: 'State' | 'Event';
  /** The action of Redfish, as resources list it: `#ComputerSystem.Reset`. */
  readonly action: string;
  readonly parameter: string;
  /** The properties of the resource that are looked at. */
  readonly watched: readonly string[];
  /** Those of them that a result shows as `Old…` and `New…`. */
  readonly shown: readonly string[];
  /** The service itself goes away by it: its session is kept, and tells by being refused. */
  readonly takesServiceAway?: true;
  /** Values that many machines must not get at one moment: a host that starts draws most. Each has its turn. */
  readonly spaced?: { readonly values: readonly string[]; readonly everyMs: number };
  /** Every value of the parameter that may be sent for a payload. */
  declared(payload: JsonObject): readonly string[];
  /** What comes next. Asked again after each look. */
  decide(payload: JsonObject, seen: CourseSeen): Decision;
}

/** One look at a resource. */
export interface Look {
  /** In milliseconds since the part began. */
  readonly atMs: number;
  /** What is watched; null: the service did not answer. */
  readonly values: JsonObject | null;
  /** The session had been lost: the service restarted. */
  readonly isNewSession?: boolean;
}

/** One value that was sent. */
export interface SentValue {
  readonly atMs: number;
  readonly value: string;
  /** `Lost`: no answer came, and nobody knows whether it was carried out. */
  readonly answer: 'Accepted' | 'Refused' | 'Lost';
  /** Why it was refused, or is lost. */
  readonly reason?: string;
  /** What was refused may be taken later. */
  readonly isPassing?: boolean;
  /** How long the BMC asks to wait. */
  readonly waitMs?: number;
}

/** All that has been seen, oldest first. */
export interface CourseSeen {
  /** There is at least one; the first has values. */
  readonly looks: readonly Look[];
  readonly sent: readonly SentValue[];
  /** What the BMC says that it takes; null where it does not say. */
  readonly offered: readonly Json[] | null;
  readonly nowMs: number;
  /** Whose BMC it is, as its service root says it; empty where it does not. */
  readonly vendor: string;
}

/** What comes next. */
export type Decision =
  | { readonly step: 'send'; readonly value: string }
  | { readonly step: 'look'; readonly afterMs: number }
  | { readonly step: 'done'; readonly note?: string }
  | {
      readonly step: 'fail';
      readonly outcome: 'NotApplied' | 'Unsupported' | 'Refused' | 'Unreachable';
      readonly class: 'permanent' | 'transient';
      readonly reason: string;
    };

/** A look after the pause that suits how long one has waited already: 5 s, 15 s, 30 s. */
export function lookAgain(waitedMs: number, atMostMs = Number.POSITIVE_INFINITY): Decision {
  return { step: 'look', afterMs: Math.max(1_000, Math.min(lookPauseMs(waitedMs), atMostMs)) };
}

/** How long until the next look, in milliseconds, when one has waited for so long. */
export function lookPauseMs(waitedMs: number): number {
  return waitedMs < 30_000 ? 5_000 : waitedMs < 120_000 ? 15_000 : 30_000;
}

/** Why something cannot be done with a BMC as it is. */
export function unsupported(reason: string): Decision {
  return { step: 'fail', outcome: 'Unsupported', class: 'permanent', reason };
}

/** Why something was not done. */
export function notApplied(reason: string, kind: 'permanent' | 'transient' = 'transient'): Decision {
  return { step: 'fail', outcome: 'NotApplied', class: kind, reason };
}

/** What the last of the looks that were answered saw. */
export function valuesNow({ looks }: CourseSeen): JsonObject {
  return looks.findLast(({ values }) => values !== null)?.values ?? {};
}

/** Whether a BMC takes a value, as far as it says. */
export function isOffered({ offered }: CourseSeen, value: string): boolean {
  return offered === null || offered.includes(value);
}
