import { restart } from './restart.ts';
import type { Case } from './row.ts';

/** Everything that is measured, in the order of the README's table. */
export const CASES: readonly Case[] = [restart];
