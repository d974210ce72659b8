import { fleet } from './fleet.ts';
import { idle } from './idle.ts';
import { memory } from './memory.ts';
import { restart } from './restart.ts';
import type { Case } from './row.ts';

/** Everything that is measured, in the order of the README's table. */
export const CASES: readonly Case[] = [restart, fleet, idle, memory];
