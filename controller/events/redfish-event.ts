import type { MachineID } from '../../definitions/machine.ts';

/** What happens between the service and a BMC, for counters and tests. No event holds a secret (R43). */
export type RedfishEvent =
  | {
      readonly kind: 'request';
      readonly machine: MachineID;
      readonly method: string;
      readonly path: string;
      /** Null when no answer came. */
      readonly status: number | null;
      readonly ms: number;
    }
  | {
      readonly kind: 'retry';
      readonly machine: MachineID;
      readonly reason: string;
      readonly attempt: number;
      readonly waitMs: number;
    }
  /** A session may stay on the BMC: it was not ended, or nobody knows where it is. */
  | { readonly kind: 'session left'; readonly machine: MachineID; readonly reason: string }
  | { readonly kind: 'session opened' | 'session closed'; readonly machine: MachineID };
