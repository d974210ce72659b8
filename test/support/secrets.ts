import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';

/** Whatever logins the tests use: none of these may stand in anything that a test run prints (R43). */
export const TEST_SECRETS = ['correct horse', 'wrong pony', 'c0rrect-h0rse', 'wr0ng-pony', 'correct-horse', 'sesame'];

/** Fails when a secret stands in a file below a folder, or in any object of a Git repository there, however packed. */
export function assertNoSecret(folder: string, secrets: readonly string[], except: readonly string[] = []): void {
  for (const path of filesBelow(folder, except)) assertClean(path, textOf(path), secrets);
  for (const repository of repositoriesBelow(folder)) {
    const command = ['--git-dir', repository, 'cat-file', '--batch-all-objects', '--batch', '--unordered'];
    const { stdout, status } = spawnSync('git', command, { maxBuffer: 1 << 30 });
    assert.is(status, 0, `cannot read the objects of ${repository}`);
    assertClean(repository, stdout, secrets);
  }
}

function assertClean(where: string, bytes: Buffer, secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      encodeURIComponent(secret),
    ]) {
      assert.not.ok(bytes.includes(form), `a secret stands in ${where}`);
    }
  }
}

/** A file that was renamed or removed meanwhile is read under its other name, or has nothing to hide. */
function textOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function filesBelow(folder: string, except: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !except.some((each) => path.startsWith(each)));
}

function repositoriesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === 'objects')
    .map((entry) => entry.parentPath)
    .filter((path) => existsSync(join(path, 'HEAD')));
}
