// The GB300's preset says what a captured GB300 says, wherever both say something.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startBmc } from '../../controller/demo/bmc.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';

const PATH = join(import.meta.dirname, '..', 'fixtures', 'redfish', 'gb300.json.gz');
const captured = JSON.parse(gunzipSync(readFileSync(PATH)).toString('utf8')) as Readonly<Record<string, JsonObject>>;

/** What differs from one machine, or one moment, to the next; and what the capture was cut down to. */
const OWN =
  /^(DateTime|LastResetTime|UUID|ServiceEntryPointUUID|Name|Model|FQDN|HostName|ChassisType|Oem|@odata\.count)$/;

/** Places where both have a value and it is another one. */
function differences(shown: Json, wanted: Json, at: string): readonly string[] {
  if (isObject(shown) && isObject(wanted)) {
    return Object.keys(wanted)
      .filter((name) => !OWN.test(name) && Object.hasOwn(shown, name))
      .flatMap((name) => differences(own(shown, name) ?? null, own(wanted, name) ?? null, `${at}/${name}`));
  }
  return JSON.stringify(shown) === JSON.stringify(wanted) ? [] : [`${at}: ${JSON.stringify(shown)}`];
}

test('#17.4 gb300: systems, chassis, managers and their network services are as captured', async () => {
  const bmc = await startBmc({ preset: 'gb300', plain: true });
  try {
    const paths = Object.keys(captured).filter((path) =>
      /\/(Systems|Chassis|Managers)(\/[^/]+)?$|NetworkProtocol$|ResetActionInfo$/.test(path),
    );
    assert.ok(paths.length >= 13, paths.join());
    const missing = paths.filter((path) => !bmc.read(path));
    assert.equal(missing, []);
    const found = paths.flatMap((path) => differences(bmc.read(path) ?? {}, captured[path] ?? {}, path));
    assert.equal(found, []);
  } finally {
    await bmc.close();
  }
});

test.run();
