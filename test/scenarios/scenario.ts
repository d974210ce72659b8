import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import type { JsonObject } from '../../definitions/values/json.ts';
import { type CreateSystem, createTestSystem, type TestSystem } from '../support/controller.ts';

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

/** A test by the ID and title of its case; what the case gives as data is passed on. */
export function scenario(
  id: string,
  body: (create: CreateSystem, data: NonNullable<Case['data']>) => Promise<void>,
): void {
  const found = CASES.get(id);
  if (!found) throw new Error(`no scenario ${id} in ${FILE}`);
  systemTest(`${id} ${found.area}: ${found.title}`, (create) => body(create, found.data ?? {}));
}

/** A test that creates a system, or several. */
export function systemTest(title: string, body: (create: CreateSystem) => Promise<void>): void {
  test(title, async () => {
    const systems: TestSystem[] = [];
    try {
      await body(async (options) => {
        const system = await createTestSystem(options);
        systems.push(system);
        return system;
      });
    } finally {
      for (const system of systems) await system.close();
    }
  });
}
