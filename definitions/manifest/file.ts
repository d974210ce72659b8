import type { Machine } from '../machine.ts';
import type { Problem } from '../problem.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import type { FleetWindow } from '../window.ts';
import {
  type DefaultsReading,
  type Finding,
  type JobReading,
  kindAt,
  type MachineReading,
  type Reading,
  type SettingsReading,
  type WindowReading,
} from './reading.ts';
import { error, type IdClaim } from './unique-ids.ts';

/** A file that was read. */
export interface FleetFile {
  /** Blob ID, hex. */
  readonly blob: string;
  readonly reading: Reading;
}

/** A file of a fleet, or why it was not read. */
export type FleetEntry = FleetFile | { readonly refused: string };

/** What a file says about windows. */
export interface FileWindows {
  readonly claims: readonly IdClaim<FleetWindow>[];
  /** How many documents it has; one where it cannot be read. */
  readonly documents: number;
}

/** What one file says, whatever other files there are. */
export interface FileReading {
  readonly entry: FleetEntry;
  readonly problems: readonly Problem[];
  /** Null where the file is none of machines. */
  readonly machines: readonly IdClaim<Machine>[] | null;
  /** What it says of all machines of its folder; null where it is no file of defaults. */
  readonly defaults: readonly DefaultsReading[] | null;
  readonly jobs: readonly JobReading[];
  /** Null where the file is none of windows. */
  readonly windows: FileWindows | null;
  /** Undefined where the file is no settings. */
  readonly settings: Settings | null | undefined;
}

/** What a file contributes to a fleet. */
export function readFleetFile(file: string, entry: FleetEntry, withWarnings: boolean): FileReading {
  const kind = kindAt(file, !('refused' in entry));
  const nothing = {
    entry,
    problems: [],
    machines: kind === 'machine' ? [] : null,
    defaults: kind === 'defaults' ? [] : null,
    jobs: [],
    windows: null,
    settings: undefined,
  };
  if (kind === null) return nothing;
  if ('refused' in entry) {
    const problems = [{ file, ...error('$', 'R04', entry.refused) }];
    const windows = kind === 'window' ? { claims: [], documents: 1 } : null;
    return { ...nothing, problems, windows, settings: kind === 'settings' ? null : undefined };
  }
  const { reading } = entry;
  const findings: Finding[] = reading.documents.flatMap((document) => [
    ...document.problems,
    ...(withWarnings && 'warnings' in document ? document.warnings : []),
  ]);
  return {
    entry,
    problems: findings.map((finding) => ({ file, ...finding })),
    machines: reading.kind === 'machine' ? claimMachines(file, reading.documents) : null,
    defaults: reading.kind === 'defaults' ? reading.documents : null,
    jobs: reading.kind === 'job' ? reading.documents : [],
    windows: reading.kind === 'window' ? windowsOf(file, reading.documents) : null,
    settings: reading.kind === 'settings' ? settingsOf(reading.documents) : undefined,
  };
}

function windowsOf(file: string, documents: readonly WindowReading[]): FileWindows {
  return {
    claims: documents.flatMap(({ name, nameAt, window }) => {
      const value = window && { window, file, since: null };
      return name === null ? [] : [{ id: name, file, at: nameAt, path: 'Name', value }];
    }),
    documents: documents.length,
  };
}

function settingsOf(documents: readonly SettingsReading[]): Settings | null {
  const [first] = documents;
  if (!first) return DEFAULT_SETTINGS;
  return documents.length === 1 ? first.settings : null;
}

function claimMachines(file: string, documents: readonly MachineReading[]): readonly IdClaim<Machine>[] {
  return documents.flatMap(({ id, idAt, machine }) => {
    return id === null ? [] : [{ id, file, at: idAt, path: 'ID', value: machine }];
  });
}
