import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package, whether it runs from source or built. */
export const PACKAGE_FOLDER = find(import.meta.dirname);

/** The version of this package. */
export const VERSION: string = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')).version;

function find(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : find(dirname(folder));
}

/** Names what reads manifests: this version, its files as they are while it is worked on, Node with its zones. */
export function readerVersion(): string {
  const definitions = join(import.meta.dirname, '..', 'definitions');
  const code = existsSync(definitions) ? definitions : import.meta.dirname; // built, all is in one folder
  const files = readdirSync(code, { recursive: true, encoding: 'utf8' }).sort();
  const newest = Math.max(...files.map((file) => statSync(join(code, file)).mtimeMs));
  return [VERSION, files.length, newest, process.version, process.versions['tz'] ?? ''].join(' ');
}
