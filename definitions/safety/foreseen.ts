import type { Job } from '../job.ts';
import type { MachineID, Machines } from '../machine.ts';
import { createWindowJudge, type WindowContext } from './windows.ts';

/** What windows will do to a run, as things stand. */
export interface ForeseenBlock {
  /** The sentence that will be told. */
  readonly message: string;
  /** Machines that are blocked; of so many. */
  readonly machines: number;
  readonly of: number;
}

/** What windows do to the run of a job at a moment; null: nothing. */
export function foreseenBlock(
  job: Job,
  machines: readonly MachineID[],
  at: Date,
  { inventory, ...context }: WindowContext & { readonly inventory: Machines },
): ForeseenBlock | null {
  if (context.windows.size === 0 && context.brokenWindows.size === 0) return null;
  const judge = createWindowJudge(job, { isManual: false, began: null }, at, context);
  const blocks = machines.map((id) => judge(inventory.get(id))).filter((each) => each !== null);
  const [first] = blocks;
  return first ? { message: first.block.message, machines: blocks.length, of: machines.length } : null;
}

/** `Frozen by Year end until … on 2 of 3 machines` */
export function foreseenText({ message, machines, of }: ForeseenBlock): string {
  return machines === of ? message : `${message} on ${machines} of ${of} machines`;
}
