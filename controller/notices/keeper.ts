import type { Outbox } from '../../definitions/notices/outbox.ts';
import type { OutboxFile } from './outbox-file.ts';

/** So many entries of the journal are read again after a crash, at most. */
const READ_AGAIN = 2_000;

/** Makes the outbox durable whenever it has changed. */
export interface Keeper {
  /**
   * Resolves when it is durable, or cannot be made so; that is reported, and tried again at the next save.
   * @param all also where only the place in the journal has moved on
   */
  save(outbox: Outbox | null, all?: boolean): Promise<void>;
}

/** A keeper; writes come one after the other. */
export function createKeeper(file: OutboxFile, failed: (error: unknown) => void): Keeper {
  const kept = { text: '', through: -READ_AGAIN };
  let writing = Promise.resolve();
  return {
    save(outbox, all = false) {
      writing = writing.then(async () => {
        if (!outbox) return;
        const { through } = outbox.journal;
        const text = JSON.stringify([outbox.began, outbox.conditions, outbox.receivers]);
        const hasMoved = through - kept.through >= READ_AGAIN || (all && through > kept.through);
        if (text === kept.text && !hasMoved) return;
        try {
          await file.write(JSON.stringify(outbox));
          Object.assign(kept, { text, through });
        } catch (error) {
          failed(error);
        }
      });
      return writing;
    },
  };
}
