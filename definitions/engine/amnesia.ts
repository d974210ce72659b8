/** What tells that a stream is the one that was there before: when it was made, and the number of its last message. */
export interface StreamMark {
  readonly created: string;
  readonly last: number;
}

/** Marks by stream. */
export type StreamMarks = Readonly<Record<string, StreamMark>>;

/**
 * Why an engine is not the one that is remembered, or has forgotten some of what it acknowledged; null: it is, and has
 * not. Who remembers nothing cannot tell.
 * @param found as it is now; a stream that is not there is not in it
 */
export function lostMemory(remembered: StreamMarks, found: StreamMarks): string | null {
  for (const [stream, { created, last }] of Object.entries(remembered)) {
    const now = found[stream];
    if (!now) return `${stream} is gone`;
    if (now.created !== created) return `${stream} was made anew at ${now.created}`;
    if (now.last < last) return `${stream} ends at ${now.last}, and had come to ${last}`;
  }
  return null;
}
