import { stripVTControlCharacters } from 'node:util';
import { destination, pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { ControllerEvent } from './event.ts';
import { type EventText, eventText } from './event-text.ts';

export type LogLevel = EventText['level'];

/** The levels that `--log-level` takes. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[];

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** One JSON line an event, for machines, on standard output. Lines are written at once: a crash loses none. */
export function createJsonLogger(level: LogLevel): (event: ControllerEvent) => void {
  const lines = destination({ dest: 1, sync: true });
  lines.on('error', () => undefined); // a log that cannot be written ends no service
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    lines,
  );
  return (event) => {
    const { level: its, text, facts } = eventText(event);
    logger[its](facts, text);
  };
}

/** One line of text an event, for people. @param write gets each line with its line break */
export function createTextLogger(
  level: LogLevel,
  clock: Clock,
  write: (line: string) => void,
): (event: ControllerEvent) => void {
  return (event) => {
    const { level: its, text } = eventText(event);
    if (RANK[its] < RANK[level]) return;
    const mark = its === 'warn' ? 'warning: ' : its === 'error' ? 'error: ' : '';
    const line = stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');
    write(`${clock.now().toISOString().slice(11, 19)}Z ${mark}${line}\n`);
  };
}
