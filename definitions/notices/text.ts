import { all, counted, printable } from '../values/text.ts';
import type { Fact, ToldRun } from './fact.ts';
import type { Notice } from './outbox.ts';

/** Facts that a notice names (N03). */
const FACTS_NAMED = 20;
/** Characters of a line. */
const LONGEST = 500;

/** A notice in words: one line, then lines below it; each is safe on a terminal (R44). */
export interface NoticeText {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What a notice says. It says nothing of how long something lasts: the same fact gives the same words. */
export function noticeText(notice: Notice): NoticeText {
  const { facts, more } = notice;
  const [first] = facts;
  const total = facts.length + more;
  if (!first) {
    const title = 'Too many notices: STATUS.md has the rest';
    return {
      title,
      lines: [
        'More than 30 within an hour: for the next hour the breaker and what could not be put back are told alone.',
      ],
    };
  }
  if (total === 1) return safe({ title: headline(first), lines: below(first) });
  const named = facts.slice(0, FACTS_NAMED).map(headline);
  const rest = total - named.length;
  return safe({ title: together(notice, total), lines: rest > 0 ? [...named, `and ${rest} more`] : named });
}

function safe({ title, lines }: NoticeText): NoticeText {
  return { title: line(title), lines: lines.map(line) };
}

function line(text: string): string {
  const chars = [...printable(text)];
  return chars.length > LONGEST ? `${chars.slice(0, LONGEST - 1).join('')}…` : chars.join('');
}

function headline({ event, state, job, run, detail, cause }: Fact): string {
  const lasts = state === 'Lasts' ? 'still: ' : state === 'Ended' ? 'over: ' : '';
  if (event === 'RunRecovered') return `${job} has recovered`;
  if (event !== 'RunFailed') return `${lasts}${job === null ? '' : `${job}: `}${detail ?? event}`;
  if (!run) return `${job} failed: ${cause}`;
  const causes = Object.entries(run.causes).map(([each, count]) => `${each} ${count}`);
  const why = causes.length > 0 ? `: ${causes.join(', ')}` : '';
  return `${job} failed on ${run.failed} of ${counted(run.machines, 'machine')}${why}`;
}

function below({ run, event }: Fact): readonly string[] {
  if (!run) return [];
  return [...(event === 'RunFailed' ? machinesOf(run) : []), ...aboutRun(run)];
}

function machinesOf({ names, failed }: ToldRun): readonly string[] {
  if (names.length === 0) return [];
  const rest = failed - names.length;
  return [`machines: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`];
}

function aboutRun({ run, action, commit, trigger, token, who }: ToldRun): readonly string[] {
  const asked = trigger === 'Manual' ? [`asked for${who === null ? '' : ` by ${who}`} (token ${token})`] : [];
  const what = [...(action === null ? [] : [action]), ...(commit === null ? [] : [`commit ${commit.slice(0, 10)}`])];
  return [`run ${run}${what.length > 0 ? `: ${what.join(', ')}` : ''}`, ...asked];
}

function together({ event, state, cause }: Notice, total: number): string {
  const over = state === 'Ended' ? ' (over)' : state === 'Lasts' ? ' (still)' : '';
  switch (event) {
    case 'RunFailed':
      return `${total} runs failed: ${all(cause.split('+'))}`;
    case 'RunRecovered':
      return `${total} jobs have recovered`;
    case 'Missed':
      return `${total} jobs missed runs: ${cause}`;
    default:
      return `${total} times ${event}${over}`;
  }
}
