// A simulated BMC advertises nothing that it does not have: whatever any answer names is there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startBmc } from '../../controller/demo/bmc.ts';
import { PRESETS, type PresetName } from '../../controller/demo/presets/index.ts';
import { isObject, type Json } from '../../definitions/values/json.ts';
import { sendRaw } from './recorded.ts';

/** Every local address in an answer, in whatever property it stands, without its fragment. */
function addresses(value: Json): readonly string[] {
  if (typeof value === 'string') return value.startsWith('/redfish') ? [value.split('#', 1)[0] ?? ''] : [];
  if (Array.isArray(value)) return value.flatMap(addresses);
  return isObject(value) ? Object.values(value).flatMap(addresses) : [];
}

/** Crawls a BMC from its service root; statuses by path. */
async function crawl(preset: PresetName, managers?: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const bmc = await startBmc({ preset, plain: true, ...(managers ? { managers } : {}) });
  const authorization = ['Authorization', `Basic ${Buffer.from('root:0penBmc').toString('base64')}`] as const;
  const found = new Map<string, number>();
  const left = ['/redfish', '/redfish/v1/', '/redfish/v1/odata'];
  try {
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      if (found.has(path)) continue;
      const answer = await sendRaw(bmc.endpoint, undefined, {
        method: 'GET',
        path,
        headers: [authorization],
        body: undefined,
      });
      found.set(path, answer?.status ?? 0);
      const type = answer?.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
      if (type.startsWith('application/json')) left.push(...addresses(JSON.parse(answer?.text ?? '{}')));
      const described = answer?.headers.find(([name]) => name.toLowerCase() === 'link')?.[1];
      left.push(...(/<([^>]+)>/.exec(described ?? '')?.slice(1) ?? []));
    }
  } finally {
    await bmc.close();
  }
  return found;
}

const CASES: readonly (readonly [PresetName, (readonly string[])?])[] = [
  ...(Object.keys(PRESETS) as PresetName[]).map((name) => [name] as const),
  ['demo', ['bmc', 'bmc2']],
];

for (const [preset, managers] of CASES) {
  test(`#22.29 ${preset}${managers ? ` with managers ${managers.join(' and ')}` : ''}: no link is dead`, async () => {
    const found = await crawl(preset, managers);
    const dead = [...found].filter(
      ([path, status]) => status !== 200 && !(status === 405 && path.includes('/Actions/')),
    );
    assert.equal(dead, []);
    assert.ok(found.size > 40, `${found.size} addresses were found`);
    const members = [...found.keys()].filter((path) => /^\/redfish\/v1\/(Systems|Chassis|Managers)\/[^/]+$/.test(path));
    assert.ok(members.length >= 3, `it has ${members}`);
  });
}

test.run();
