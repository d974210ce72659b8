import { nextRun } from '../../definitions/calendar/next-run.ts';
import { byPlace, type Fleet } from '../../definitions/manifest/fleet.ts';
import type { FileContent } from '../../definitions/manifest/read.ts';
import { folded } from '../../definitions/manifest/resolved/consequences.ts';
import type { Problem } from '../../definitions/problem.ts';
import { printGuards } from '../../definitions/report/guards.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import { printableJson } from '../../definitions/values/text.ts';
import { decode, parse } from '../../definitions/yaml/document.ts';
import { fleetOf, folderErrorText, readFolder } from './fleet/fleet-folder.ts';
import { githubReport, type Output, sarifReport, textReport } from './report.ts';

/** What `--format` of `validate` takes. */
export const VALIDATE_FORMATS = ['text', 'json', 'github', 'sarif'] as const;

export interface ValidateOptions {
  /** The fleet's folder. */
  readonly folder: string;
  readonly format: (typeof VALIDATE_FORMATS)[number];
  /** Where the fleet is in its repository, such as `fleet/`: annotations name files from the repository's root. */
  readonly prefix?: string;
  readonly color?: boolean;
  /** With fewer valid jobs the answer is "no". */
  readonly minJobs?: number;
  /** Prints the guards in full instead of judging. */
  readonly explainGuards?: boolean;
  /** For hints only; validity never depends on it (R09). */
  readonly now: Date;
  readonly out: Output;
  readonly err: Output;
}

/**
 * Judges every manifest of a folder; contacts nothing, writes nothing.
 * @returns the exit code: 0 valid, 1 not, or fewer jobs than asked for, 3 no fleet, or the folder cannot be read
 */
export async function validate(options: ValidateOptions): Promise<number> {
  const { folder, format, prefix, color = false, minJobs = 0, now, out, err } = options;
  let files: ReadonlyMap<string, FileContent>;
  try {
    files = readFolder(folder);
  } catch (error) {
    err.write(`${folderErrorText(folder, error)}\n`);
    return 3;
  }
  if (files.size === 0) err.write(`no manifest in ${folder}: jobs/, machines/ and bmcron.yaml are looked for\n`);
  const fleet = fleetOf(files);
  if (options.explainGuards) return explainGuards(fleet, out, err);
  const problems = [...folded(fleet.problems), ...hints(fleet, files, now)].sort(byPlace);
  const valid = problems.every(({ severity }) => severity !== 'error');
  if (format === 'json') out.write(`${printableJson({ valid, problems }, 2)}\n`);
  if (format === 'github') out.write(githubReport(problems, prefix));
  if (format === 'sarif') out.write(sarifReport(problems, prefix));
  if (format === 'text') {
    out.write(textReport(problems, (file) => textOf(files.get(file)), color));
    out.write(`${problems.length > 0 ? '\n' : ''}${summary(fleet, problems)}\n`);
  }
  const isEnough = fleet.jobs.size >= minJobs;
  if (!isEnough) err.write(`${count(fleet.jobs.size, 'valid job')}: --min-jobs asks for ${minJobs}\n`);
  return valid && isEnough ? 0 : 1;
}

/** The guards that hold; where bmcron.yaml is refused, those that are built in, and that it is. */
function explainGuards({ settings }: Fleet, out: Output, err: Output): number {
  out.write(printGuards(settings ?? DEFAULT_SETTINGS));
  if (settings === null) err.write('bmcron.yaml is refused: these are the guards that are built in\n');
  return settings === null ? 1 : 0;
}

/** Warnings about valid jobs that will never run again, by the clock. */
function hints(fleet: Fleet, files: ReadonlyMap<string, FileContent>, now: Date): readonly Problem[] {
  const found: Problem[] = [];
  for (const { spec, source } of fleet.jobs.values()) {
    if (nextRun(spec.Schedule, fleet.settings?.TimeZone ?? 'UTC', now)) continue;
    const bytes = files.get(source.file);
    if (!(bytes instanceof Uint8Array)) continue;
    const path = spec.Schedule.Type === 'Once' ? ['Schedule', 'Day'] : ['Schedule', 'Period', 'EndDay'];
    const [line, column] = parse(bytes)[source.document]?.position(path) ?? [1, 1];
    const message =
      spec.Schedule.Type === 'Once' ? 'this day has passed: no further run' : 'its Period is over: no further run';
    found.push({
      file: source.file,
      line,
      column,
      path: path.join('.'),
      stage: 'schedule',
      rule: 'R09',
      message,
      severity: 'warning',
    });
  }
  return found;
}

function textOf(file: FileContent | undefined): string | null {
  if (!(file instanceof Uint8Array)) return null;
  const decoded = decode(file);
  return 'text' in decoded ? decoded.text : null;
}

function summary({ jobs, machines }: Fleet, problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.length - errors.length;
  const warned = warnings > 0 ? `, ${count(warnings, 'warning')}` : '';
  if (errors.length === 0) return `valid: ${count(jobs.size, 'job')}, ${count(machines.size, 'machine')}${warned}`;
  const files = new Set(errors.map(({ file }) => file)).size;
  return `not valid: ${count(errors.length, 'error')} in ${count(files, 'file')}${warned}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
