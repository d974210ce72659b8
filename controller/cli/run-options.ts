import type { LogLevel } from '../events/logger.ts';
import type { ServingOptions } from '../server/serve.ts';
import type { FleetLocation } from '../snapshot/source.ts';
import type { EngineOptions } from './engine-options.ts';

/** What `run` is asked for. */
export interface RunOptions {
  /** Its `fleet` as it was typed: a folder may be relative. */
  readonly location: FleetLocation;
  /** Whether the work tree's own branch is read and written, though it tracks one of a remote. */
  readonly local: boolean;
  /** False: nothing is pushed to a remote. */
  readonly push: boolean;
  /** Whether the service's commits say `[skip ci]`. */
  readonly skipCI: boolean;
  readonly pullIntervalMs: number;
  /** A folder for what is not in Git; absent: `bmcron/` in the Git folder. */
  readonly stateDir?: string | undefined;
  /** While this file exists nothing begins. */
  readonly hold?: string | undefined;
  /** A folder for each CredentialsRef; absent: secrets are in the environment. */
  readonly credentialsDir?: string | undefined;
  /** By which workers at other sites are reached; absent: all machines are reached from here. */
  readonly engine?: EngineOptions | undefined;
  /** Whether another controller may lead instead: this one runs only while it has the lease. */
  readonly standby?: boolean;
  /** Credentials for an engine were named, and no engine. */
  readonly hasStrayCredentials?: boolean;
  readonly log: { readonly level: LogLevel; readonly format: 'text' | 'json' };
  /** Ends when what is due now is done and written back. */
  readonly once: boolean;
  /** Absent: nothing is served. */
  readonly serving?: ServingOptions | undefined;
  /** Options that only mean something where something is served, and it is not. */
  readonly unserved: readonly string[];
}
