import { agenda } from './agenda.ts';
import { crowded } from './crowd.ts';
import { crowdDefault, wideDefault } from './defaults.ts';
import { due } from './due.ts';
import { fleet } from './fleet.ts';
import { idle } from './idle.ts';
import { memory } from './memory.ts';
import { api, page } from './page.ts';
import { publish } from './publish.ts';
import { reconcile } from './reconcile.ts';
import { restart } from './restart.ts';
import type { Case } from './row.ts';
import { selectors } from './selectors.ts';
import { validate, validateSelectors } from './validate.ts';
import { wideMemory } from './wide-memory.ts';

/** Everything that is measured, in the order of the README's table. */
export const CASES: readonly Case[] = [
  validate,
  validateSelectors,
  selectors,
  reconcile,
  restart,
  agenda,
  due,
  crowded,
  crowdDefault,
  publish,
  fleet,
  wideDefault,
  idle,
  memory,
  wideMemory,
  page,
  api,
];
