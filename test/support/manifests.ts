import type { Json, JsonObject } from '../../definitions/values/json.ts';

/** A Machine document of a scenario. */
export function machine(ID: string, more: JsonObject = {}): string {
  return text({ ID, Endpoint: `https://${ID.replace(/[^a-z0-9]/g, '-')}.example`, CredentialsRef: 'lab', ...more });
}

/** What a scenario's job says unless it says otherwise: PowerSaver on machine-1, daily at 22:00:00. */
export interface Manifest {
  readonly Name?: string;
  readonly Machines?: readonly string[];
  readonly Profile?: string;
  readonly Time?: string;
  /** Its Period, if it has another than none at all; null: a Once job. */
  readonly Period?: JsonObject | null;
  /** Further fields of the Schedule. */
  readonly Schedule?: JsonObject;
  /** Further fields, or others in place of these. */
  readonly more?: JsonObject;
}

/** A Continuous job. */
export function daily({ Name = 'Nightly', Machines = ['machine-1'], more = {}, ...rest }: Manifest = {}): string {
  const { Profile = 'PowerSaver', Time = '22:00:00', Period = {}, Schedule = {} } = rest;
  return text({
    Name,
    Machines,
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile } }],
    Schedule: { Type: Period === null ? 'Once' : 'Continuous', Time, Period, ...Schedule },
    ...more,
  });
}

/** A Once job. */
export function once(manifest: Manifest = {}): string {
  return daily({ Name: 'Once', Profile: 'Performance', Time: '14:00:00', Period: null, ...manifest });
}

/** A value as a manifest's text: JSON is YAML. */
export function text(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The inventory of `machine-1` to `machine-N`. */
export function machines(count: number): Readonly<Record<string, string>> {
  const IDs = Array.from({ length: count }, (_, index) => `machine-${index + 1}`);
  return { 'machines/all.yaml': IDs.map((ID) => machine(ID)).join('---\n') };
}
