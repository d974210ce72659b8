/** What happened to the journal or between the service and Git that somebody should know. */
export type GitEvent =
  /** The end of the journal was torn by a crash and has been cut to the last good record. */
  | { readonly kind: 'JournalRepaired'; readonly file: string; readonly bytes: number }
  /** A record in the middle of the journal cannot be read; those around it can. */
  | { readonly kind: 'JournalDamaged'; readonly file: string; readonly lines: number }
  /** What Git has is not from this journal (a restored disk, say): the journal gets a new ID. */
  | { readonly kind: 'JournalRenewed'; readonly was: string; readonly id: string }
  /** Records between these two numbers are lost: Git's history was set back further than the journal reaches. */
  | { readonly kind: 'RecordsGone'; readonly after: number; readonly before: number }
  /** The followed branch no longer contains what was seen; `kept` is a ref that holds it. */
  | { readonly kind: 'SourceRewritten'; readonly was: string; readonly tip: string; readonly kept: string }
  /** The remote no longer has a branch: nobody but its people makes it again. `kept` is a ref that holds its tip. */
  | { readonly kind: 'BranchGone'; readonly branch: string; readonly was: string; readonly kept: string }
  /** A commit is not signed by an allowed key: it takes no effect (R45). */
  | { readonly kind: 'CommitRefused'; readonly commit: string; readonly reason: string }
  /** The remote does not answer. Reported once, until it answers again (R39). */
  | { readonly kind: 'RemoteUnreachable'; readonly reason: string }
  | { readonly kind: 'RemoteReachable' }
  /** A push was refused though the branch had not moved: a person must change something. */
  | { readonly kind: 'PushBlocked'; readonly reason: string }
  /** Others push to the branch faster than the service can; results wait. */
  | { readonly kind: 'PushContention'; readonly attempts: number }
  /** Another controller publishes to the same place, where only one may. Its files are left alone. */
  | { readonly kind: 'RivalController'; readonly id: string }
  /** Somebody's file, link or folder is in the way where the service writes. It stays, and the record waits (R37). */
  | { readonly kind: 'PathConflict'; readonly paths: readonly string[] }
  /** Somebody changed the service's own files; they have been put right (R37). */
  | { readonly kind: 'Overridden'; readonly paths: readonly string[]; readonly commit: string }
  /** Old logs have left the tip of the branch (`Logs.KeepDays`). */
  | { readonly kind: 'LogsPruned'; readonly folders: readonly string[] }
  /** Packing and pruning failed; it is tried again in an hour. */
  | { readonly kind: 'UpkeepFailed'; readonly reason: string }
  /** The private clone was cleaned, or set aside and cloned again. */
  | { readonly kind: 'CloneRepaired'; readonly what: string };

export type Observe = (event: GitEvent) => void;
