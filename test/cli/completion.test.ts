// What a shell completes, asked of bash itself, and the documents that are made from the same help.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listCommands } from '../../controller/cli/command-list.ts';
import { createProgram } from '../../controller/cli/commands.ts';
import { completion, SHELLS, type Shell } from '../../controller/cli/completion.ts';
import { sink } from '../support/pull-request.ts';
import { temporary } from '../support/temporary-folder.ts';

const folder = temporary();
test.after(() => folder.remove());

const COMMANDS = listCommands(createProgram());

async function scriptOf(shell: Shell): Promise<string> {
  const out = sink();
  assert.is(await completion({ shell, commands: COMMANDS, out }), 0);
  return out.text;
}

/** What bash offers after these words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const script = join(folder.path, 'bmcron.bash');
  writeFileSync(script, await scriptOf('bash'));
  const all = '$' + '{COMPREPLY[@]}';
  const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bmcron; printf "%s\n" "${all}"`;
  const output = execFileSync('bash', ['-c', ask, 'bash', script, 'bmcron', ...words], { encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '');
}

for (const [words, expected] of [
  [['pl'], ['plan']],
  [['validate', '--format', 's'], ['sarif']],
  [['schema', 'mach'], ['machine']],
  [['run', '--pull'], ['--pull-interval']],
  [['completion', 'f'], ['fish']],
] as const) {
  test(`#19.2 bash completes: bmcron ${words.join(' ')}`, async () => {
    assert.equal(await offered(...words), expected);
  });
}

for (const shell of SHELLS) {
  test(`#19.2 ${shell}: every command and every option is in the script`, async () => {
    const script = await scriptOf(shell);
    for (const { name, options } of COMMANDS) {
      assert.ok(script.includes(name), name);
      for (const { long } of options) assert.ok(script.includes(long.replace(/^--/, '')), `${name} ${long}`);
    }
  });
}

test('#19.2 every command and option is described, with an example', () => {
  for (const { name, description, options, example } of COMMANDS) {
    assert.ok(description !== '' && example.includes(`bmcron ${name}`), name);
    for (const { long, description: meaning, choices } of options) {
      assert.ok(meaning !== '' || choices.length > 0, `${name} ${long}`);
    }
  }
});

test.run();
