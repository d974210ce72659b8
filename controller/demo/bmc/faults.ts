import type { JsonObject } from '../../../definitions/values/json.ts';

/** Which requests a fault strikes, and how often; without any of these all of them, until it is cleared. */
export interface Strikes {
  readonly method?: string;
  /** A part of the path. */
  readonly path?: string;
  /** Lets so many matching requests pass first. */
  readonly skip?: number;
  /** Strikes so often, then no more. */
  readonly times?: number;
}

/** How a BMC can misbehave. Durations are in milliseconds, `retryAfter` is the header as sent. */
export type Misbehaviour =
  /** Answers late; `headers` says that the status line comes at once and the body late. */
  | { readonly kind: 'slow'; readonly ms: number; readonly headers?: boolean }
  /** Never answers, or sends its headers and then nothing. */
  | { readonly kind: 'hang'; readonly headers?: boolean }
  /** Closes the connection; `applied` says that it did what was asked before. */
  | { readonly kind: 'drop'; readonly applied?: boolean }
  /** Answers, and breaks off before the first byte of the body, in its middle, or right before its end. */
  | { readonly kind: 'cut'; readonly at: 'before' | 'in' | 'end' }
  /** Answers this instead; `applied` says that it did what was asked before. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | JsonObject;
      readonly applied?: boolean;
    }
  /** Wants If-Match: answers `status` without one, 412 unless it has the `form` of the ETag. */
  | { readonly kind: 'if-match'; readonly status: 412 | 428; readonly form: 'as sent' | 'unquoted' | 'none' }
  /** What the ETag header looks like; the real one is what If-Match is compared with. */
  | { readonly kind: 'etag'; readonly form: 'weak' | 'twice' | 'gzip' | 'changing' | 'absent' }
  /** Every session ends. */
  | { readonly kind: 'expire' }
  | { readonly kind: 'session-limit'; readonly max: number }
  /** How a login is answered: without Location, with the path in the body or nowhere, only to Basic, not at all. */
  | {
      readonly kind: 'login';
      readonly status?: number;
      readonly location?: 'absent' | 'absolute' | 'message' | 'double' | 'nowhere';
      readonly basic?: boolean;
      readonly token?: boolean;
    }
  /** 200 with an error inside, nothing applied. */
  | { readonly kind: 'error-in-200' }
  /** 200 saying that a reset is needed, and the old value until then. */
  | { readonly kind: 'reset-required' }
  /** Lists of texts do not become shorter. */
  | { readonly kind: 'never-shorter' }
  /** Accepts and does nothing. */
  | { readonly kind: 'ignore' }
  /** Accepts, and applies these fields alone. */
  | { readonly kind: 'partly'; readonly fields: readonly string[] }
  /** Accepts, and holds these values for fields of these names, whatever it was asked. */
  | { readonly kind: 'holds'; readonly values: JsonObject }
  /** Applies, and has the old values again after a while. */
  | { readonly kind: 'revert'; readonly ms: number }
  /** Applies after a while. */
  | { readonly kind: 'late'; readonly ms: number }
  /** 202: a task that ends so after so many polls. */
  | {
      readonly kind: 'task';
      readonly end: 'Completed' | 'Exception' | 'gone' | 'never' | 'no location';
      readonly polls?: number;
      /** Its Location is at another host: the BMC knows itself by that name. */
      readonly host?: string;
      readonly retryAfter?: string;
    }
  /** Puts the `Oem` of the request in place of the whole one. */
  | { readonly kind: 'replace-oem' }
  /** The board's own services fail: the write of one property, or of all. */
  | { readonly kind: 'set-fails'; readonly property?: string }
  | { readonly kind: 'no-thermalmode' }
  | { readonly kind: 'no-fan' }
  | { readonly kind: 'ntp' }
  | { readonly kind: 'password-expired' }
  | { readonly kind: 'starting' }
  /** One odd property spoils the read: 500 with most of the manager. */
  | { readonly kind: 'odd-property' };

/** How a BMC misbehaves, and at which requests. */
export type Fault = Strikes & Misbehaviour;
type Kind = Misbehaviour['kind'];
type Of<K extends Kind> = Extract<Fault, { kind: K }>;

/** The faults of one BMC, set and cleared while it runs. */
export class Faults {
  #faults: { readonly fault: Fault; seen: number }[] = [];

  /** Adds faults to those that are set. */
  set(...faults: readonly Fault[]): void {
    this.#faults.push(...faults.map((fault) => ({ fault, seen: 0 })));
  }

  /** Clears all, or those of one kind. */
  clear(kind?: Kind): void {
    this.#faults = kind ? this.#faults.filter((each) => each.fault.kind !== kind) : [];
  }

  /** The first fault of a kind that strikes this request; counts it as struck. */
  strike<K extends Kind>(kind: K, method: string, path: string): Of<K> | undefined {
    for (const each of this.#faults) {
      const { fault } = each;
      if (fault.kind !== kind || (fault.method && fault.method !== method)) continue;
      if (fault.path && !path.includes(fault.path)) continue;
      each.seen += 1;
      const beyond = each.seen - (fault.skip ?? 0);
      if (beyond < 1 || beyond > (fault.times ?? Number.POSITIVE_INFINITY)) continue;
      return fault as Of<K>;
    }
    return undefined;
  }

  /** A fault of a kind that is set, whatever the request. */
  present<K extends Kind>(kind: K): Of<K> | undefined {
    return this.#faults.find((each) => each.fault.kind === kind)?.fault as Of<K> | undefined;
  }
}
