import { printableJson } from '../../definitions/values/text.ts';
import type { Output } from './report.ts';

/**
 * Standard error of a command. Under `--format json` what is said there is for programs too: an object a line,
 * `{"message": "…"}`, with `exitCode` where the command ends with it.
 */
export interface ErrorOutput extends Output {
  /** Says why the command ends. @param text without a newline at its end */
  end(text: string, exitCode: number): void;
}

/** @param words the arguments of the process, without the program */
export function errorOutput(words: readonly string[], err: Output): ErrorOutput {
  if (!asksForJson(words)) {
    return {
      write: (text) => err.write(text),
      end: (text) => err.write(`${text}\n`),
      ...(err.isTTY !== undefined && { isTTY: err.isTTY }),
    };
  }
  const say = (text: string, more: object) => {
    const message = text.trim();
    return message === '' ? true : err.write(`${printableJson({ message, ...more })}\n`);
  };
  return { write: (text) => say(text, {}), end: (text, exitCode) => say(text, { exitCode }) };
}

function asksForJson(words: readonly string[]): boolean {
  const options = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  return options.some(
    (word, index) => word === '--format=json' || (word === '--format' && options[index + 1] === 'json'),
  );
}
