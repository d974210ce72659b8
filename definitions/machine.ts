/** A machine's name in the inventory; it becomes part of file names, so its pattern is narrow (R44). */
export type MachineID = string;

/** What a machine ID looks like; job IDs share it with a length up to 128 (R17). */
export const MACHINE_ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$';

/** Whether a name may be that of a secret beside others: no way out of the folder, no device of Windows (R42). */
export function isSecretName(name: string): boolean {
  const isDevice = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i.test(name);
  return new RegExp(MACHINE_ID_PATTERN).test(name) && !name.includes('..') && !isDevice;
}

/** Extend: OpenBMC with its fan OEM. Base: plain Redfish. */
export type MachineType = 'Extend' | 'Base';

/** How a machine's certificate is judged; by none of these it must verify as usual. */
export interface MachineTLS {
  /** A file of PEM certificates beside the secrets. */
  readonly CA?: string;
  /** `sha256:` and 64 lower-case hex digits, of the DER certificate. */
  readonly Fingerprint?: string;
  readonly Insecure?: boolean;
}

/** What the inventory says that a manager has; absent lists are not checked. */
export interface ManagerInventory {
  readonly Profiles?: readonly string[];
  readonly FanControllers?: readonly string[];
  readonly FanZones?: readonly string[];
  readonly PidControllers?: readonly string[];
}

/** What a board says of itself that no other board does; one of them at least. */
export interface MachineIdentity {
  readonly SerialNumber?: string | undefined;
  readonly UUID?: string | undefined;
}

/** What a label's key looks like. */
export const LABEL_KEY_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$';

/** What people say of a machine, by key; selectors and placeholders go by it. */
export interface MachineLabels {
  readonly [key: string]: string;
}

/** One BMC of the inventory. */
export interface Machine {
  readonly ID: MachineID;
  readonly Name?: string;
  readonly Type: MachineType;
  /** `https://10.0.0.11`: an origin, nothing more. */
  readonly Endpoint: string;
  readonly CredentialsRef?: string;
  readonly TLS?: MachineTLS;
  /** True: its login may be sent over `http:`. */
  readonly AllowPlaintext?: boolean;
  readonly Labels?: MachineLabels;
  /** Read by `bmcron probe --write`; guards compare it with what the BMC says. */
  readonly Identity?: MachineIdentity;
  /** A duration; for all of one machine's part in a run. */
  readonly Timeout: string;
  readonly Managers?: { readonly [id: string]: ManagerInventory };
  /** The IDs of its systems and of its chassis; absent lists are not checked. */
  readonly Systems?: readonly string[];
  readonly Chassis?: readonly string[];
}

/** What the machines of a folder have in common: it fills what their manifests leave out, labels key by key. */
export type MachineDefaults = Partial<
  Pick<Machine, 'Type' | 'CredentialsRef' | 'TLS' | 'AllowPlaintext' | 'Labels' | 'Timeout' | 'Managers'>
>;

/** Where a machine's BMC is: machines of one origin are one BMC. */
export function originOf({ Endpoint }: Pick<Machine, 'Endpoint'>): string {
  return URL.canParse(Endpoint) ? new URL(Endpoint).origin : Endpoint;
}

/** Machines by ID. */
export type Machines = ReadonlyMap<MachineID, Machine>;

/** What a machine has when its manifest is silent. */
export const MACHINE_DEFAULTS = { Type: 'Extend', Timeout: '60s' } as const;

/** The machines whose login goes over `http:`, where whoever listens reads it. */
export function plaintextMachines(machines: Machines): readonly MachineID[] {
  const sends = ({ Endpoint, CredentialsRef }: Machine) => CredentialsRef !== undefined && Endpoint.startsWith('http:');
  return [...machines.values()].filter(sends).map(({ ID }) => ID);
}
