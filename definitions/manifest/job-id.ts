import slugify from '@sindresorhus/slugify';
import { MACHINE_ID_PATTERN } from '../machine.ts';

/** The pattern of machine IDs, with a length up to 128 (R17). */
export const JOB_ID = new RegExp(MACHINE_ID_PATTERN.replace('{0,62}', '{0,127}'));

export const SLUG_ADVICE = 'the Name of a document among several needs a letter or digit that an ID can hold';

export const ID_ADVICE = '1 to 128 letters, digits, dots, underscores and hyphens, beginning with a letter or digit';

/** `jobs/a/b.yaml` is `a.b`. */
export function fileID(file: string): string {
  return file
    .replace(/^jobs\//, '')
    .replace(/\.(yaml|yml|json)$/, '')
    .replaceAll('/', '.');
}

/** A document among several adds the slug of its Name; without a Name it claims nothing. */
export function documentID(file: string, name: string | null): string | null {
  return name === null ? null : `${fileID(file)}.${slugOf(name)}`;
}

/** A Name as part of an ID (R17): lower-case letters, digits and hyphens; may be empty. */
export function slugOf(name: string): string {
  return slugify(name, { decamelize: false });
}
