import type { Clock } from '../clock.ts';

/** What happened between the service and Git that somebody should hear of; the composition root logs it. */
export type GitEvent =
  /** The end of the journal was torn by a crash and has been cut to the last good record. */
  | { readonly kind: 'JournalRepaired'; readonly file: string; readonly bytes: number }
  /** A record in the middle of the journal cannot be read; those around it can. */
  | { readonly kind: 'JournalDamaged'; readonly file: string; readonly lines: number }
  /** What Git has is not from this journal (a restored disk, say): it goes on under a new name. */
  | { readonly kind: 'JournalRenewed'; readonly was: string; readonly id: string }
  /** Git lacks records that the journal no longer has: its history was set back further than the journal keeps. */
  | { readonly kind: 'RecordsGone'; readonly after: number; readonly before: number }
  /** The followed branch no longer contains what was seen; `kept` is a ref that holds it. */
  | { readonly kind: 'SourceRewritten'; readonly was: string; readonly tip: string; readonly kept: string }
  /** A commit is not signed by an allowed key: it takes no effect (R45). */
  | { readonly kind: 'CommitRefused'; readonly commit: string; readonly reason: string }
  /** The remote does not answer. Reported once, until it does. */
  | { readonly kind: 'RemoteUnreachable'; readonly reason: string }
  | { readonly kind: 'RemoteReachable' }
  /** A push was refused though the branch had not moved: a person must change something. */
  | { readonly kind: 'PushBlocked'; readonly reason: string }
  /** Others push to the branch faster than the service can; results wait. */
  | { readonly kind: 'PushContention'; readonly attempts: number }
  /** Another controller publishes to the same place: only one may. Its files are left alone. */
  | { readonly kind: 'RivalController'; readonly id: string }
  /** Somebody's file stands where one of the service belongs. It is left alone; the record waits. */
  | { readonly kind: 'PathConflict'; readonly paths: readonly string[] }
  /** Somebody changed the service's own files; they have been put right. */
  | { readonly kind: 'Overridden'; readonly paths: readonly string[]; readonly commit: string }
  /** Old logs have left the tip of the branch (`Logs.KeepDays`). */
  | { readonly kind: 'LogsPruned'; readonly folders: readonly string[] }
  /** Packing and pruning failed; it is tried again in an hour. */
  | { readonly kind: 'UpkeepFailed'; readonly reason: string }
  /** The private clone was cleaned, or set aside and cloned again. */
  | { readonly kind: 'CloneRepaired'; readonly what: string };

/** Where events go. */
export type Observe = (event: GitEvent) => void;

/** What everything that works with Git gets from its caller. */
export interface Deps {
  readonly clock: Clock;
  readonly observe: Observe;
}
