import type { Machine, MachineDefaults } from '../../machine.ts';
import type { Problem } from '../../problem.ts';
import { equal, type Json } from '../../values/json.ts';
import { printable } from '../../values/text.ts';
import { pathText } from '../../yaml/tree.ts';
import type { FileReading } from '../file.ts';
import { judgeMachine } from '../inventory.ts';
import type { MachineReading } from '../reading.ts';
import { error, type IdClaim } from '../unique-ids.ts';

/** What the `_*.yaml` files of a folder say together of its machines: one level, nothing is inherited from above. */
export interface FolderDefaults {
  /** What they were read from: the same files give the same defaults. */
  readonly readings: readonly FileReading[];
  readonly defaults: MachineDefaults;
  /** The first of them that is refused: then nobody knows what the machines of the folder are. */
  readonly refused: string | null;
  readonly problems: readonly Problem[];
}

/** The machines of a file as they are with the defaults of its folder. */
export interface CompletedMachines {
  readonly folder: FolderDefaults;
  readonly claims: readonly IdClaim<Machine>[];
  readonly problems: readonly Problem[];
}

/** `machines/r7/_r7.yaml` → `machines/r7` */
export function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'));
}

/** The defaults of each folder that has any; those of before where their files are the same. */
export function defaultsByFolder(
  all: ReadonlyMap<string, FileReading>,
  before: ReadonlyMap<string, FolderDefaults> = new Map(),
): ReadonlyMap<string, FolderDefaults> {
  const files = new Map<string, [file: string, reading: FileReading][]>();
  for (const [file, reading] of all) {
    if (reading.defaults === null) continue;
    const folder = folderOf(file);
    files.set(folder, [...(files.get(folder) ?? []), [file, reading]]);
  }
  return new Map(
    [...files].map(([folder, read]) => {
      const was = before.get(folder);
      const isSame = was?.readings.length === read.length && read.every(([, each], i) => each === was.readings[i]);
      return [folder, isSame ? was : together(read)];
    }),
  );
}

/** A field is given once: which of two values counts would be hidden from whoever reads the other one. */
function together(files: readonly (readonly [file: string, reading: FileReading])[]): FolderDefaults {
  const places = new Map<string, { readonly file: string; readonly line: number }>();
  const problems: Problem[] = [];
  let defaults: MachineDefaults = {};
  let refused: string | null = null;
  for (const [file, { defaults: documents, problems: own }] of files) {
    if (own.some(({ severity }) => severity === 'error')) refused ??= file;
    for (const { defaults: given, fields } of documents ?? []) {
      if (given) defaults = { ...defaults, ...given, ...labelsOf(defaults, given) };
      for (const [field, at] of fields) {
        const other = places.get(field);
        places.set(field, other ?? { file, line: at[0] });
        if (!other) continue;
        const message = `it is also given by ${printable(other.file)}:${other.line}: give it once`;
        problems.push({ file, ...error(field, 'R50', message, at) });
        refused ??= file;
      }
    }
  }
  return { readings: files.map(([, reading]) => reading), defaults, refused, problems };
}

function labelsOf(
  { Labels: was }: MachineDefaults,
  { Labels: given }: MachineDefaults,
): Pick<MachineDefaults, 'Labels'> {
  return was || given ? { Labels: { ...was, ...given } } : {};
}

/** The machines of a file with the defaults of its folder; what is wrong with both together stands at the machine. */
export function completeMachines(file: string, { entry }: FileReading, folder: FolderDefaults): CompletedMachines {
  const documents = 'reading' in entry && entry.reading.kind === 'machine' ? entry.reading.documents : [];
  const problems: Problem[] = [];
  const claims = documents.flatMap((document): readonly IdClaim<Machine>[] => {
    const { id, idAt: at } = document;
    if (id === null) return [];
    const value = folder.refused === null ? completed(document, folder.defaults) : null;
    const found = value && value !== document.machine ? judgeMachine(value as unknown as Json) : [];
    for (const { path, rule, message } of found) {
      const why = `with the Defaults of ${printable(folderOf(file))}/: ${message}`;
      problems.push({ file, ...error(pathText(path), rule, why, at) });
    }
    return [{ id, file, at, path: 'ID', value: found.length === 0 ? value : null }];
  });
  return { folder, claims, problems };
}

/** Defaults fill only what a machine leaves out, labels key by key. */
function completed({ machine, leftOut }: MachineReading, defaults: MachineDefaults): Machine | null {
  if (!machine) return null;
  const given = Object.fromEntries(
    Object.entries(machine).filter(([field]) => !leftOut.some((each) => each === field)),
  ) as Partial<Machine>;
  const whole: Machine = { ...machine, ...defaults, ...given, ...labelsOf(defaults, given) };
  return equal(whole, machine) ? machine : whole;
}
