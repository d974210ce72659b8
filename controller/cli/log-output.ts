import { systemClock } from '../clock.ts';
import type { ControllerEvent } from '../events/event.ts';
import { createJsonLogger, createTextLogger } from '../events/logger.ts';
import type { RunOptions } from './run-options.ts';

/** Writes what happens to standard output, for people or for programs. */
export function createLogger({ level, format }: RunOptions['log']): (event: ControllerEvent) => void {
  if (format === 'json') return createJsonLogger(level);
  return createTextLogger(level, systemClock, (line) => process.stdout.write(line));
}
