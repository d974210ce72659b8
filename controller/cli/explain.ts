import { explanationOf, explanationText, unknownWord } from '../../definitions/report/explanation.ts';
import { printableJson } from '../../definitions/values/text.ts';
import type { Output } from './report.ts';

export interface ExplainOptions {
  readonly word: string;
  readonly format: 'text' | 'json';
  readonly out: Output;
  readonly err: Output;
}

/** Prints what a rule or a field means. @returns the exit code: 0 printed, 1 nothing bears that name */
export async function explain({ word, format, out, err }: ExplainOptions): Promise<number> {
  const explanation = explanationOf(word);
  if (explanation === null) {
    err.write(`bmcron explain: ${unknownWord(word)}\n`);
    return 1;
  }
  out.write(format === 'json' ? `${printableJson(explanation, 2)}\n` : explanationText(explanation));
  return 0;
}
