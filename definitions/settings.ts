import { type Breaker, BUILT_IN_BREAKER, BUILT_IN_GUARDS, type Guards } from './guard.ts';

/** How the machines of a site are reached: by workers there. */
export interface SiteSettings {
  /** Machines of the site that are talked to at once, over all of its workers. */
  readonly MaxConnections: number;
  /** A duration: so long a part waits for a worker. */
  readonly StartWithin: string;
}

/** What a site has that says nothing more. */
export const SITE_DEFAULTS: SiteSettings = { MaxConnections: 50, StartWithin: '60s' };

/** `bmcron.yaml`, complete: the fields that a fleet leaves out have their defaults. */
export interface Settings {
  /** Jobs running at once. */
  readonly WorkerPoolSize: number;
  /** Machines being talked to at once, over all jobs. */
  readonly MaxConnections: number;
  /** An IANA zone (R11). */
  readonly TimeZone: string;
  /** A duration, or null: a missed run is made up however late it is (R22). */
  readonly StartingDeadline: string | null;
  /** A duration (R30). */
  readonly ShutdownTimeout: string;
  readonly Logs: {
    /** Null: for ever. */
    readonly KeepDays: number | null;
    readonly Layout: 'files' | 'segments';
  };
  readonly Journal: {
    /** How long a record is kept after it became public, so that a remote that lost it gets it again. */
    readonly KeepDays: number;
  };
  readonly Metrics: {
    /** With more jobs than this, no metric has a job as its label. */
    readonly PerJob: number;
  };
  /** What keeps a mistake from reaching too many machines. */
  readonly Guards: Guards;
  readonly Breaker: Breaker;
  /** Who is told of what, without looking. */
  readonly Notifications: readonly Receiver[];
  /** Whose address is called after each look that ended well; null: nobody's. Its secret holds it (R42). */
  readonly DeadMan: { readonly SecretRef: string } | null;
  /** By the value of the label `site`: machines that workers reach, and this controller does not. */
  readonly Sites: Readonly<Record<string, SiteSettings>>;
}

/** What can be told, and what each means. Its end is told to whoever was told of it. */
export const NOTICE_EVENTS = {
  RunFailed: 'a run has failed: a part of it, or one was skipped that should not have had to be',
  RestoreFailed: 'what a failed part had set could not be put back: a person must look at that machine',
  Missed: 'a run did not begin at its time, and nothing makes up for it',
  GuardRefused: 'a guard refused a run or a trigger',
  BreakerOpen: 'too much failed at once: classes of actions begin nothing until a commit closes the breaker',
  RolloutHalted: 'a rollout has halted: what is new goes no further until a commit says so',
  WavePassed: 'a wave of a rollout has passed, or all of them have',
  ManifestInvalid: 'a file of the fleet is refused; what was in force before stays so',
  PushBlocked: 'the remote refuses the push of results; they wait until a person changes something',
  ControllerUnhealthy: 'no look at the fleet has ended well for two intervals, or nothing can be recorded',
} as const;

/** What can be told, in a word. */
export type NoticeEvent = keyof typeof NOTICE_EVENTS;

/** How a notice is written, and how it goes. */
export const RECEIVER_FORMATS = {
  Webhook: 'a POST of JSON, signed where there is a secret',
  Slack: 'a message for Slack, Mattermost, Rocket.Chat and others that take what Slack takes',
  Alertmanager: 'alerts for the API v2 of an Alertmanager: its url ends in /api/v2/alerts',
  Email: 'a mail by SMTP: its url is smtps://HOST or smtp://HOST',
} as const;

/** One that is told: an entry of `Notifications`, complete. */
export interface Receiver {
  /** Unique in the list. */
  readonly Name: string;
  readonly Format: keyof typeof RECEIVER_FORMATS;
  /** The folder that holds its address and its secrets (R42). */
  readonly SecretRef: string;
  /** Whom a mail is from, and whom it is to; null and none in any other format. */
  readonly Sender: string | null;
  readonly Recipients: readonly string[];
  readonly On: readonly NoticeEvent[];
  /** Patterns of job IDs, `*` stands for any characters; what concerns no job fits any. Null: all jobs. */
  readonly JobSelector: readonly string[] | null;
  /** A duration: what is alike and comes within it is one notice. */
  readonly GroupWait: string;
  /** A duration after which what lasts is told again; null: it is not. */
  readonly Repeat: string | null;
}

/** What a receiver has that does not say so. */
export const RECEIVER_DEFAULTS: Omit<Receiver, 'Name' | 'Format' | 'SecretRef'> = {
  Sender: null,
  Recipients: [],
  On: Object.keys(NOTICE_EVENTS) as NoticeEvent[],
  JobSelector: null,
  GroupWait: '30s',
  Repeat: '12h',
};

/** The settings of a fleet without `bmcron.yaml`. */
export const DEFAULT_SETTINGS: Settings = {
  WorkerPoolSize: 5,
  MaxConnections: 50,
  TimeZone: 'UTC',
  StartingDeadline: null,
  ShutdownTimeout: '30s',
  Logs: { KeepDays: null, Layout: 'files' },
  Journal: { KeepDays: 30 },
  Metrics: { PerJob: 2000 },
  Guards: BUILT_IN_GUARDS,
  Breaker: BUILT_IN_BREAKER,
  Notifications: [],
  DeadMan: null,
  Sites: {},
};
