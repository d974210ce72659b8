import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationMs } from '../../definitions/values/duration.ts';
import { systemClock } from '../clock.ts';
import { UsageError } from './exit-code.ts';
import { fleetAround } from './fleet/fleet-folder.ts';
import { errorOutput } from './json-errors.ts';
import { wantsColor } from './report.ts';

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

/**
 * The folder of a fleet, and where it is in its repository: `` or `a/b/`. Without a path it is looked for upward.
 * @throws UsageError
 */
export function folderOf(fleet: string, path?: string): { folder: string; prefix: string } {
  if (path === undefined) return { folder: fleetAround(fleet), prefix: '' };
  const inside = pathInside(path);
  return { folder: join(fleet, ...inside), prefix: inside.map((name) => `${name}/`).join('') };
}

/** The folders of a `--path`, from the repository's root. @throws UsageError when it leaves the repository */
export function pathInside(path: string): readonly string[] {
  const inside = path.split(/[/\\]/).filter((name) => name !== '' && name !== '.');
  if (inside.includes('..')) throw new UsageError(`--path ${path} leaves the repository: name a folder inside it`);
  return inside;
}

/** The fleet is the last word where that is a folder; the words before it are names. */
export function fleetAndNames(words: readonly string[]): { fleet: string; names: readonly string[] } {
  const last = words.at(-1);
  const isFolder = last !== undefined && statSync(last, { throwIfNoEntry: false })?.isDirectory() === true;
  // nor is it an ID
  if (!isFolder && last !== undefined && /^\.{1,2}$|[/\\]/.test(last)) throw new Error(`there is no folder ${last}`);
  return isFolder ? { fleet: last, names: words.slice(0, -1) } : { fleet: '.', names: words };
}

/** A selector, in one word or more, then the folder of the fleet: the last word where it is one. */
export function fleetAndSelector(words: readonly string[]): { fleet: string; selector: string | null } {
  const last = words.at(-1);
  const isFolder = last !== undefined && statSync(last, { throwIfNoEntry: false })?.isDirectory() === true;
  const selectors = isFolder ? words.slice(0, -1) : words;
  return { fleet: isFolder ? last : '.', selector: selectors.length === 0 ? null : selectors.join(',') };
}

/** What every command takes of the process: where to print, and the time at which it began. */
export function streams() {
  const color = wantsColor(process.stdout, process.env);
  return {
    out: process.stdout,
    err: errorOutput(process.argv.slice(2), process.stderr),
    now: systemClock.now(),
    color,
  };
}

/** An action for commander. Its result becomes the exit code; the process ends when what it printed is written. */
export function withExitCode<Args extends unknown[]>(
  action: (...args: Args) => Promise<number>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    process.exitCode = await action(...args);
  };
}

/** A command about a fleet, with the options that all of these have. */
export function fleetCommand(
  program: Command,
  name: string,
  description: string,
  formats: readonly string[] = ['text', 'json'],
): Command {
  return program
    .command(name)
    .description(description)
    .option('--path <subdir>', 'the fleet is this folder inside the repository')
    .addOption(
      new Option('--format <format>', 'text for people, the others for programs').choices(formats).default('text'),
    );
}

/** Aborted once nobody reads what is printed. */
const unread = new AbortController();
/** By these an output says that its reader has gone: `bmcron next | head`. */
const CLOSED = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/**
 * From now on an output that is closed ends nothing: a controller goes on, any other command comes to its own exit
 * code. One that cannot be written to for another reason is a failure, but of the printing alone.
 */
export function watchOutput(): void {
  process.stderr.on('error', () => undefined); // there is nobody left to tell
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!unread.signal.aborted && !CLOSED.has(error.code ?? '')) {
      process.stderr.write(`bmcron: cannot print: ${error.message}\n`);
      process.once('exit', () => (process.exitCode ||= 3));
    }
    unread.abort();
  });
}

/**
 * Aborted by the first signal that asks for an end, or when nobody reads any more: who talks to BMCs logs out first.
 * The second signal ends it at once.
 */
export function untilSignal(): AbortSignal {
  const stop = new AbortController();
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
    // It stays: whoever asks whether somebody takes this signal (git's helpers end with the process) must see that.
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(128 + number);
      stop.abort();
    });
  }
  return AbortSignal.any([stop.signal, unread.signal]);
}
