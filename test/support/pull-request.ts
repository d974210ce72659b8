import type { Output } from '../../controller/cli/report.ts';
import type { FleetEntry } from '../../definitions/manifest/file.ts';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readEntry } from '../../definitions/manifest/read.ts';
import type { View } from '../../definitions/preview/preview.ts';

/** What a command printed. */
export interface Sink extends Output {
  text: string;
}

export function sink(isTTY = false): Sink {
  const made = {
    isTTY,
    text: '',
    write(text: string) {
      made.text += text;
    },
  };
  return made;
}

/** What these files say, by path. */
export function view(files: Readonly<Record<string, string>>): View {
  const entries = new Map<string, FleetEntry>();
  for (const [path, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    const entry = readEntry(path, bytes, bytes.toString('base64'));
    if (entry) entries.set(path, entry);
  }
  return { files: entries, fleet: readFleet(entries, '', { warnings: true }) };
}

/** A file of machines. */
export function machines(count: number, more = ''): string {
  return Array.from({ length: count }, (_, index) => {
    return `ID: m${index + 1}\nEndpoint: https://192.0.2.${index + 1}\n${more}`;
  }).join('---\n');
}

/** What a job manifest may say otherwise. */
export interface JobText {
  readonly name?: string;
  readonly machines?: string;
  readonly profile?: string;
  readonly time?: string;
  /** Further lines of the schedule, as a flow mapping's inside. */
  readonly schedule?: string;
  /** Further lines of the job. */
  readonly more?: string;
}

/** The text of a job manifest: PatchProfile every day, where nothing else is asked for. */
export function job({
  name = 'Nightly',
  machines: on = 'm1',
  profile = 'PowerSaver',
  time = '22:00:00',
  schedule,
  more = '',
}: JobText = {}): string {
  const extra = schedule ?? 'Type: Continuous, Period: {}';
  return `Name: ${name}
Machines: [${on}]
Action: PatchProfile
Payload:
  ManagerID: bmc
  Payload: { Profile: ${profile} }
Schedule: { Time: "${time}", ${extra} }
${more}`;
}
