import type { Problem } from '../../definitions/problem.ts';
import { RULES, type RuleID } from '../../definitions/rules.ts';
import { printable, printableJson } from '../../definitions/values/text.ts';

/** Where a command writes; a terminal says so. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** The text of a file; null when there is none to show. */
export type FileTexts = (file: string) => string | null;

const LONGEST_LINE = 100;
/** Characters that a terminal shows two columns wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;
/** What a problem points at, from its column on: a quoted text, else what YAML would read as one word or phrase. */
const TOKEN = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,{}[\]#][^,{}[\]#]*?(?=\s*$|\s*[,{}[\]]|\s+#|:\s|:$))/;

/** Whether to colour: only on a terminal, and never with `NO_COLOR`. */
export function wantsColor(out: Output, env: Readonly<Record<string, string | undefined>>): boolean {
  return out.isTTY === true && !env['NO_COLOR'];
}

/** Problems as a compiler prints them: place, path, stage; then the line, a caret and what is allowed. */
export function textReport(problems: readonly Problem[], texts: FileTexts, color: boolean): string {
  const secret = new Set(problems.filter(({ rule }) => rule === 'R42').map(({ file, line }) => `${file}:${line}`));
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return problems
    .map((problem) => {
      const { file, line, column, path, stage, message, severity } = problem;
      const tone = severity === 'error' ? 31 : 33;
      const kind = severity === 'error' ? stage : `${stage} ${severity}`;
      const head = `${paint(1, `${printable(file)}:${line}:${column}`)}  ${path}  ${paint(tone, kind)}`;
      // A line with a secret in it is not printed again (R42, R43).
      const lineText = secret.has(`${file}:${line}`) ? null : lineOf(texts(file), line);
      if (lineText === null || lineText.trim() === '') return `${head}\n  ${message}\n`;
      const { shown, indent, width } = excerpt(lineText, column);
      const gutter = ' '.repeat(String(line).length);
      const caret = paint(tone, `${'^'.repeat(width)} ${message}`);
      return `${head}\n  ${line} | ${shown}\n  ${gutter} | ${' '.repeat(indent)}${caret}\n`;
    })
    .join('');
}

function lineOf(text: string | null, line: number): string | null {
  return text?.split(/\r?\n|\r/)[line - 1] ?? null;
}

/** What to show of a line around a column, safe for a terminal, and where its caret goes. */
function excerpt(lineText: string, column: number): { shown: string; indent: number; width: number } {
  const start = column > LONGEST_LINE - 30 ? column - 31 : 0;
  const cut = lineText.slice(start, start + LONGEST_LINE);
  const at = column - 1 - start;
  const token = TOKEN.exec(lineText.slice(column - 1, column - 1 + LONGEST_LINE))?.[0] ?? '';
  return { shown: harmless(cut), indent: columns(cut.slice(0, at)), width: Math.max(1, columns(token)) };
}

/** Replaces what a terminal would obey, one character for each, so that the caret stays where it belongs. */
function harmless(text: string): string {
  return [...text].map((char) => (char === '\t' ? ' ' : printable(char) === char ? char : '\ufffd')).join('');
}

function columns(text: string): number {
  return [...text].reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0);
}

/** GitHub's workflow commands: annotations on the lines of a pull request. */
export function githubReport(problems: readonly Problem[], prefix = ''): string {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return problems
    .map(({ file, line, column, path, stage, rule, message, severity }) => {
      const title = property(`${stage}: ${path} (${rule})`);
      const place = `file=${property(printable(prefix + file))},line=${line},col=${column}`;
      return `::${severity} ${place},title=${title}::${data(message)}\n`;
    })
    .join('');
}

/** SARIF 2.1.0, for code scanning. */
export function sarifReport(problems: readonly Problem[], prefix = ''): string {
  const rules = [...new Set(problems.map(({ rule }) => rule))].sort().map(sarifRule);
  const results = problems.map(({ file, line, column, path, stage, rule, message, severity }) => ({
    ruleId: rule,
    level: severity,
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: (prefix + file).split('/').map(encodeURIComponent).join('/') },
          region: { startLine: line, startColumn: column },
        },
        logicalLocations: [{ fullyQualifiedName: path, kind: stage }],
      },
    ],
  }));
  const $schema = 'https://json.schemastore.org/sarif-2.1.0.json';
  const run = { tool: { driver: { name: 'bmcron', rules } }, columnKind: 'utf16CodeUnits', results };
  return `${printableJson({ $schema, version: '2.1.0', runs: [run] }, 2)}\n`;
}

function sarifRule(id: RuleID) {
  return { id, shortDescription: { text: RULES[id][0] }, fullDescription: { text: RULES[id].join(' ') } };
}
