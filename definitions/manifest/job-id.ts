import slugify from '@sindresorhus/slugify';
import type { JobID } from '../job.ts';
import { MACHINE_ID_PATTERN } from '../machine.ts';

/** The pattern of machine IDs, with a length up to 128 (R17). */
const JOB_ID = new RegExp(MACHINE_ID_PATTERN.replace('{0,62}', '{0,127}'));
const SLUG_ADVICE = 'the Name of a document among several needs a letter or digit that an ID can hold';
const ID_ADVICE = '1 to 128 letters, digits, dots, underscores and hyphens, beginning with a letter or digit';

/** The ID of the one job of a file (R17): `jobs/a/b.yaml` is `a.b`. It may be none: see `idAdvice`. */
export function fileID(file: string): JobID {
  return file
    .replace(/^jobs\//, '')
    .replace(/\.(yaml|yml|json)$/, '')
    .replaceAll('/', '.');
}

/** The ID of a document among several: its Name's slug is added (R17); null without a Name. */
export function documentID(file: string, name: string | null): JobID | null {
  return name === null ? null : `${fileID(file)}.${slugOf(name)}`;
}

/** What an ID would need that cannot be a job's; null when it can. */
export function idAdvice(id: JobID): string | null {
  if (id.endsWith('.')) return SLUG_ADVICE;
  return JOB_ID.test(id) ? null : ID_ADVICE;
}

/** A Name as part of an ID (R17): lower-case letters, digits and hyphens; may be empty. */
export function slugOf(name: string): string {
  return slugify(name, { decamelize: false });
}
