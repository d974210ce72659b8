import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const text = readFileSync(join(import.meta.dirname, '../../jobs.example.yaml'), 'utf8');

/** How many jobs the demonstration's repository has: those of jobs.example.yaml, and the one that is due soon. */
export const DEMO_JOBS = text.split(/^---$/m).length + 1;
