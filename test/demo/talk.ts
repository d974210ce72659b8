// How tests of the simulated BMC speak to it over its own line: as its administrator, in JSON.
import { type Bmc, type BmcOptions, startBmc } from '../../controller/demo/bmc.ts';
import { PRESETS, type PresetName } from '../../controller/demo/presets/index.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { until } from '../support/git-folder.ts';
import { sendRaw } from './recorded.ts';

export interface Said {
  readonly status: number;
  readonly body: JsonObject;
  readonly etag: string | undefined;
  /** The IDs of its messages, without their registry. */
  readonly messages: readonly string[];
}

/** Asks a BMC; `more` are further headers. */
export async function ask(
  bmc: Bmc,
  method: string,
  path: string,
  body?: JsonObject,
  more: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const answer = await sendRaw(bmc.endpoint, undefined, {
    method,
    path: path.startsWith('/') ? path : `/redfish/v1/${path}`,
    headers: Object.entries({
      Authorization: `Basic ${Buffer.from('root:0penBmc').toString('base64')}`,
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...more,
    }),
    body: body && Buffer.from(JSON.stringify(body)),
  });
  if (!answer) throw new Error(`${method} ${path}: no answer`);
  const shown = answer.text.startsWith('{') ? (JSON.parse(answer.text) as JsonObject) : {};
  const ids = [...answer.text.matchAll(/"MessageId": "([^"]+)"/g)].map(([, id = '']) => id);
  return {
    status: answer.status,
    body: shown,
    etag: answer.headers.find(([name]) => name.toLowerCase() === 'etag')?.[1],
    messages: ids.map((id) => id.slice(id.lastIndexOf('.') + 1)),
  };
}

/** The path of a preset's host. */
export const hostOf = (preset: PresetName) => PRESETS[preset].host.system;
export const resetOf = (preset: PresetName) => `${hostOf(preset)}/Actions/ComputerSystem.Reset`;

/** Runs a test on a preset's BMC whose time passes only when the test says so. */
export async function onPreset(
  preset: PresetName,
  body: (bmc: Bmc, clock: FakeClock) => Promise<void>,
  options: BmcOptions = {},
): Promise<void> {
  const clock = createFakeClock('2026-03-10T10:00:00Z');
  const bmc = await startBmc({ preset, plain: true, clock: clock.view('bmc'), ...options });
  try {
    await body(bmc, clock);
  } finally {
    await bmc.close();
  }
}

/** Lets time pass, moment by moment, until the host shows this. */
export async function passUntil(clock: FakeClock, holds: () => boolean): Promise<void> {
  await until(() => {
    if (holds()) return true;
    const next = clock.next();
    if (next) clock.advance(next);
    return false;
  });
}

/** What a preset's host shows as its PowerState. */
export const power = (bmc: Bmc, preset: PresetName) => bmc.read(`/redfish/v1/${hostOf(preset)}`)?.['PowerState'];
