import { printable } from '../values/text.ts';
import type { Item, Line, Report, Section } from './report.ts';

const LONGEST_QUOTE = 200;
/** Room for "and N more" and what closes a section. */
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

/** A line of a story in Markdown. */
export function markdownLine(line: Line): string {
  return line.map((part) => (typeof part === 'string' ? part : codeSpan(part.quoted))).join('');
}

/**
 * A story as Markdown for a comment: sections of many items are folded, and what does not fit into `most` characters
 * is counted. Equal stories give equal bytes.
 */
export function markdown({ title, sections, end }: Report, most: number): string {
  const tail = end === null ? '' : `\n${end}\n`;
  let room = most - title.length - tail.length - SPARE;
  let text = `### ${title}\n`;
  for (const [index, section] of sections.entries()) {
    const later = sections.length - index - 1;
    // A section may take what is left, less a fair part for each that follows.
    const printed = sectionText(section, Math.floor(room - (room * later) / (sections.length + 1)));
    text += printed;
    room -= printed.length;
  }
  return text + tail;
}

function sectionText({ title, meaning, items, folds }: Section, room: number): string {
  const [open, close] = folds
    ? [`\n<details>\n<summary>${title}</summary>\n\n`, '\n</details>\n']
    : [`\n**${title}**\n\n`, ''];
  const intro = meaning === null ? '' : `${meaning}\n\n`;
  let left = room - open.length - close.length - intro.length - SPARE;
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

/** A story as plain text for a terminal, safe to print (R44). */
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
  return line.map((part) => (typeof part === 'string' ? part : printable(part.quoted))).join('');
}
