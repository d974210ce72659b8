// The source of this repository as its own tests read it: files, lines, imports. Nothing of it is run.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import * as assert from 'uvu/assert';

export const ROOT = join(import.meta.dirname, '../..');

export interface SourceFile {
  /** Below the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** What it imports, by value or by type: packages by name, files by their path. */
  readonly imports: readonly string[];
}

function sources(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => read(`${folder}/${path}`))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)\s[^;'"]*?from '([^']+)'/gm),
    ...text.matchAll(/^import '([^']+)'/gm),
    ...text.matchAll(/\bimport\('([^']+)'\)/g),
  ].map(([, from = '']) => (from.startsWith('.') ? normalize(join(dirname(path), from)) : from));
  return { path, text, lines: text.split('\n'), imports: [...new Set(found)] };
}

export const definitions = sources('definitions');
export const controller = sources('controller');
export const product = [...definitions, ...controller];
export const everything = [...product, ...sources('test')];

/** Fails with each finding on a line of its own, and with what to do about them. */
export function none(findings: readonly string[], advice: string): void {
  assert.is(findings.join('\n'), '', advice);
}

/** Each line of these files that a pattern finds outside of comments. */
export function linesWith(pattern: RegExp, files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (pattern.test(code(line)) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  );
}

function code(line: string): string {
  return line.replace(/^\s*(\*|\/\/|\/\*).*$/, '').replace(/\s\/\/ .*$/, '');
}
