import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { durationMs } from '../../definitions/values/duration.ts';
import { systemClock } from '../clock.ts';
import { UsageError } from './exit-code.ts';

/** A duration of at least 100 ms, as milliseconds. @throws InvalidArgumentError */
export function milliseconds(text: string): number {
  const value = durationMs(text);
  if (value === undefined || value < 100)
    throw new InvalidArgumentError('It must be a duration of at least 100ms, such as 30s.');
  return value;
}

/** A whole number from 1 to 9999. @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
  return Number(text);
}

/** The folder of a fleet, and where it stands in its repository. */
export function folderOf(fleet: string, path = ''): { folder: string; prefix: string } {
  const inside = path.split('/').filter((part) => part !== '' && part !== '.');
  if (inside.includes('..')) throw new UsageError(`--path ${path} leaves the repository: name a folder inside it`);
  return { folder: join(fleet, ...inside), prefix: inside.map((part) => `${part}/`).join('') };
}

/** The fleet is the last word where that is a folder; the words before it are names. */
export function fleetAndNames(words: readonly string[]): { fleet: string; names: readonly string[] } {
  const last = words.at(-1);
  const isFolder = last !== undefined && statSync(last, { throwIfNoEntry: false })?.isDirectory() === true;
  // nor is it an ID
  if (!isFolder && last !== undefined && /^\.{1,2}$|[/\\]/.test(last)) throw new Error(`there is no folder ${last}`);
  return isFolder ? { fleet: last, names: words.slice(0, -1) } : { fleet: '.', names: words };
}

/** Where results and complaints go, and the moment at which it is asked. */
export function streams() {
  const color = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  return { out: process.stdout, err: process.stderr, now: systemClock.now(), color };
}

/** Ends with the exit code that an action answers, once what it printed is out. */
export function ending<Args extends unknown[]>(
  action: (...args: Args) => Promise<number>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    process.exitCode = await action(...args);
  };
}
