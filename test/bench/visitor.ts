// The floor of `wide-memory`: a process that visits machines all at once, and then does nothing.
import { readFileSync } from 'node:fs';
import type { Machine } from '../../definitions/machine.ts';
import { bareVisits, PROFILES } from './bare-visits.ts';

const machines = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Machine[];
const [, profile = ''] = PROFILES;
await bareVisits(machines, { profile, atOnce: machines.length, settleMs: 1_500 });
setInterval(() => machines.length, 60_000);
console.log('visited');
