import { stripVTControlCharacters } from 'node:util';
import { destination, pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { ControllerEvent } from './event.ts';
import { eventText } from './event-text.ts';

/** The levels that `--log-level` takes. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Listens to a controller: one JSON line an event, for machines. Lines are written at once: a crash loses none. */
export function createJsonLogger(level: LogLevel): (event: ControllerEvent) => void {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ dest: 1, sync: true }),
  );
  return (event) => {
    const { level: at, text, facts } = eventText(event);
    logger[at](facts, text);
  };
}

/** Listens to a controller: one line of text an event, for people. */
export function createTextLogger(
  level: LogLevel,
  clock: Clock,
  write: (line: string) => void,
): (event: ControllerEvent) => void {
  return (event) => {
    const { level: at, text } = eventText(event);
    if (RANK[at] < RANK[level]) return;
    const mark = at === 'warn' ? 'warning: ' : at === 'error' ? 'error: ' : '';
    const line = stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');
    write(`${clock.now().toISOString().slice(11, 19)}Z ${mark}${line}\n`);
  };
}
