/** What one commit of the service carries: texts by path (null: the file goes), and its message. */
export interface Publication {
  readonly files: ReadonlyMap<string, string | null>;
  /** Subject and body; the publisher adds its trailers. */
  readonly message: string;
}

/** What became of publishing. */
export type PublishOutcome =
  | { readonly outcome: 'Unchanged' }
  | { readonly outcome: 'Pushed'; readonly commit: string; readonly seq: number }
  /**
   * `Offline` and `Contended` pass by themselves; `Blocked` needs a person, and so does `NoBranch`: the followed branch
   * is gone. Results wait in the journal (R39).
   */
  | {
      readonly outcome: 'Offline' | 'Contended' | 'Blocked' | 'NoBranch';
      readonly reason: string;
      readonly retryAt: Date;
    };
