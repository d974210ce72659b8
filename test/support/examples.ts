import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const text = readFileSync(join(import.meta.dirname, '../../jobs.example.yaml'), 'utf8');

/** How many jobs jobs.example.yaml holds. */
export const EXAMPLE_JOBS = text.split(/^---$/m).length;
