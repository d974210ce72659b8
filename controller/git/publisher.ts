/** What one commit of the service carries: texts by path (null: the file goes), and its message. */
export interface Publication {
  readonly files: ReadonlyMap<string, string | null>;
  readonly message: string;
}

/** What became of publishing. */
export type Published =
  | { readonly outcome: 'Unchanged' }
  | { readonly outcome: 'Pushed'; readonly commit: string; readonly seq: number }
  /** `Offline` and `Contended` pass by themselves, `Blocked` needs a person; results wait in the journal (R39). */
  | { readonly outcome: 'Offline' | 'Contended' | 'Blocked'; readonly reason: string; readonly retryAt: Date };

/** Writes the service's own files back, as a projection of the journal (git.md §3). */
export interface Publisher {
  /** Brings the published branch up to date with the journal: builds on its tip, pushes, repeats on a race. */
  publish(): Promise<Published>;
}
