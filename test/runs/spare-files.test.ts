import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporary } from '../support/temporary-folder.ts';

const of = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../controller', path)).href);

/** What a process prints that may open so many files; `full()` opens all that are left, and returns what ends that. */
function withFew(code: string): unknown {
  const whole = `
    const { openSync, closeSync } = await import('node:fs');
    const full = () => {
      const held = [];
      try { for (;;) held.push(openSync('/dev/null')); } catch {}
      return () => held.forEach((each) => closeSync(each));
    };
    ${code}`;
  const script = 'ulimit -n 64; exec "$0" --import tsx --input-type=module -e "$1"';
  const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, whole], { encoding: 'utf8' });
  assert.is(stderr, '');
  return JSON.parse(stdout);
}

test('#20.5 whether files are left to open: yes, no, and yes again', () => {
  const printed = withFew(`
    const { hasSpareFiles } = await import(${of('runs/spare-files.ts')});
    const before = hasSpareFiles();
    const end = full();
    const between = hasSpareFiles();
    end();
    console.log(JSON.stringify([before, between, hasSpareFiles()]));`);
  assert.equal(printed, [true, false, true]);
});

test('#20.5 a secret, and a connection, for which no file is left are transient, and nothing was sent', () => {
  const dir = temporary({ 'demo/username': 'root', 'demo/password': 'x', 'demo/endpoints': '127.0.0.1' });
  const printed = withFew(`
    const { createCredentials } = await import(${of('credentials.ts')});
    const { asFailure } = await import(${of('redfish/failure.ts')});
    const { connectionFailure } = await import(${of('redfish/http/connection-error.ts')});
    const { connect } = await import('node:net');
    const credentials = createCredentials({ dir: ${JSON.stringify(dir.path)}, env: {} });
    const end = full();
    const secret = await credentials.get('demo', 'https://127.0.0.1').catch(asFailure);
    const error = await new Promise((resolve) => connect(1, '127.0.0.1').on('error', resolve));
    end();
    const line = connectionFailure(error, 'https://127.0.0.1');
    console.log(JSON.stringify([secret.class, secret.message, line.class, line.message, line.details.unknown]));`);
  dir.remove();
  const [secret, why, line, words, unknown] = printed as [string, string, string, string, boolean];
  assert.equal([secret, line, unknown], ['transient', 'transient', false]);
  assert.match(why, /no more files.*EMFILE/);
  assert.match(words, /open no more files/);
});

test.run();
