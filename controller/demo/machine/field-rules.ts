/** What a client may write into one property of a resource. */
export type FieldRule =
  | { readonly kind: 'string'; readonly longest: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'number'; readonly least: number; readonly most: number; readonly nullable?: boolean }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** A list of texts: fewer ones than before remove the rest, null removes one, `{}` keeps one (DSP0266 7.7). */
  | { readonly kind: 'strings'; readonly most: number }
  | { readonly kind: 'object'; readonly fields: FieldRules }
  /** A list of objects, written by place: `{}` leaves one as it is. */
  | { readonly kind: 'objects'; readonly fields: FieldRules };

/** The properties of a resource that can be written, by name. */
export type FieldRules = { readonly [name: string]: FieldRule };

/** `true` or `false`. */
export const FLAG: FieldRule = { kind: 'boolean' };
export const ASSET_TAG: FieldRule = { kind: 'string', longest: 63 };

/** One of these values. */
export function choice(...values: readonly string[]): FieldRule {
  return { kind: 'choice', values };
}

/** An object with these fields. */
export function fields(rules: FieldRules): FieldRule {
  return { kind: 'object', fields: rules };
}

/** Network services that can be switched on and off. */
export function protocols(...names: readonly string[]): FieldRules {
  return Object.fromEntries(names.map((name) => [name, fields({ ProtocolEnabled: FLAG })]));
}

/** `NTP` with so many servers at most. */
export function ntp(most: number): FieldRule {
  return fields({ ProtocolEnabled: FLAG, NTPServers: { kind: 'strings', most } });
}
