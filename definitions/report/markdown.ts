import { printable } from '../values/text.ts';
import type { Item, Line, Report, Section } from './report.ts';

/** Characters. */
const LONGEST_QUOTE = 200;
/** Characters kept free for "and N more" and the end of a section. */
const SPARE = 200;

/**
 * A text as a Markdown code span: whatever it holds, it makes no link, mention, image or HTML.
 * @see https://spec.commonmark.org/0.31.2/#code-spans
 */
export function codeSpan(text: string): string {
  const shown = cut(printable(text));
  if (shown.trim() === '') return shown === '' ? '(empty)' : '(blank)';
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^[ `]|[ `]$/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

function cut(text: string): string {
  const chars = [...text];
  return chars.length > LONGEST_QUOTE ? `${chars.slice(0, LONGEST_QUOTE - 1).join('')}…` : text;
}

/** A line of a report in Markdown. */
function markdownLine(line: Line): string {
  return line.map((text) => (typeof text === 'string' ? text : codeSpan(text.quoted))).join('');
}

/**
 * A report as Markdown for a comment. Of a section that is too long, the items that do not fit are counted. Equal
 * reports give equal bytes.
 * @param most characters of the whole text
 */
export function markdown({ title, sections, end }: Report, most: number): string {
  const tail = end === null ? '' : `\n${end}\n`;
  let free = most - title.length - tail.length - SPARE;
  let text = `### ${title}\n`;
  for (const [index, section] of sections.entries()) {
    const later = sections.length - index - 1;
    // A section may take what is left, less a fair share for each that follows.
    const printed = sectionText(section, Math.floor(free - (free * later) / (sections.length + 1)));
    text += printed;
    free -= printed.length;
  }
  return text + tail;
}

function sectionText({ title, meaning, items, folds }: Section, most: number): string {
  const [open, close] = folds
    ? [`\n<details>\n<summary>${title}</summary>\n\n`, '\n</details>\n']
    : [`\n**${title}**\n\n`, ''];
  const intro = meaning === null ? '' : `${meaning}\n\n`;
  let left = most - open.length - close.length - intro.length - SPARE;
  const shown: string[] = [];
  for (const item of items) {
    const text = itemText(item);
    left -= text.length;
    if (left < 0) break;
    shown.push(text);
  }
  const more = items.length - shown.length;
  return `${open}${intro}${shown.join('')}${more > 0 ? `- and ${more} more\n` : ''}${close}`;
}

function itemText({ line, below }: Item): string {
  return `- ${markdownLine(line)}\n${below.map((each) => `  - ${markdownLine(each)}\n`).join('')}`;
}

/** A report as plain text that is safe to print on a terminal (R44). */
export function plainText({ title, sections, end }: Report): string {
  const lines = sections.flatMap((section) => [
    '',
    section.title,
    ...(section.meaning === null ? [] : [`  ${section.meaning}`]),
    ...section.items.flatMap(({ line, below }) => [
      `  ${plainLine(line)}`,
      ...below.map((each) => `      ${plainLine(each)}`),
    ]),
  ]);
  return [title, ...lines, ...(end === null ? [] : ['', end]), ''].join('\n');
}

function plainLine(line: Line): string {
  return line.map((text) => (typeof text === 'string' ? text : printable(text.quoted))).join('');
}
