import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import type { JsonObject } from '../../definitions/values/json.ts';
import { createStage, type Stage, type StageOptions } from '../support/controller.ts';

/** A case of the conformance suite, as far as tests read it. */
export interface Case {
  readonly id: string;
  readonly area: string;
  readonly title: string;
  readonly data?: { readonly manifest?: JsonObject; readonly file?: string; readonly log?: JsonObject };
}

const FILE = join(import.meta.dirname, '../fixtures/conformance/scenarios.json');

/** All cases, by ID. */
export const CASES: ReadonlyMap<string, Case> = new Map(
  (JSON.parse(readFileSync(FILE, 'utf8')) as { scenarios: Case[] }).scenarios.map((each) => [each.id, each]),
);

/** Sets the stage of a scenario; it is struck when the scenario has ended. */
export type SetStage = (options?: StageOptions) => Promise<Stage>;

/** A test by the ID and title of its case; what the case gives as data is passed on. */
export function scenario(id: string, play: (set: SetStage, data: NonNullable<Case['data']>) => Promise<void>): void {
  const found = CASES.get(id);
  if (!found) throw new Error(`no scenario ${id} in ${FILE}`);
  staged(`${id} ${found.area}: ${found.title}`, (set) => play(set, found.data ?? {}));
}

/** A test on a stage. */
export function staged(title: string, play: (set: SetStage) => Promise<void>): void {
  test(title, async () => {
    const stages: Stage[] = [];
    try {
      await play(async (options) => {
        const stage = await createStage(options);
        stages.push(stage);
        return stage;
      });
    } finally {
      for (const stage of stages) await stage.close();
    }
  });
}
