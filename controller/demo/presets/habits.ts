/** How a vendor's BMC answers where vendors differ. */
export interface Habits {
  /** The registry that its standard messages name: `Base.1.19`. */
  readonly registry: string;
  /** Messages with everything, or with ID and arguments alone, the reason then in `MessageId` (iLO). */
  readonly messages: 'whole' | 'IDs';
  /** A PATCH that was carried out: 204, 200 with a message, or 200 with the resource. */
  readonly patched: 'empty' | 'message' | 'resource';
  /** What is said of a property that exists and cannot be written. */
  readonly readOnly: 'PropertyUnknown' | 'PropertyNotWritable';
  /** An order that finds the host where it should go: done, Dell's 409 PSU501, or HPE's 400. */
  readonly alreadySo: 'accepted' | 'PSU501' | 'InvalidOperationForSystemState';
  /** What a reset is answered with. */
  readonly accepted: 200 | 204;
  /** `BootProgress.LastState`: told stage by stage, `OSRunning` for whatever is on (iLO), or not there. */
  readonly bootProgress: 'stages' | 'OSRunning when on' | 'absent';
  /** Whether systems and managers show `LastResetTime`. */
  readonly lastResetTime: boolean;
  readonly etag: 'strong' | 'weak';
  /** A POST to an action with If-Match is refused (iDRAC10). */
  readonly actionsRefuseIfMatch?: boolean;
  /** A change of one of these network services restarts the manager by itself (iLO: SSH). */
  readonly restartsFor?: readonly string[];
  /** Lists of texts are shown so long, filled up with this. */
  readonly padding?: { readonly length: number; readonly with: string | null };
}
