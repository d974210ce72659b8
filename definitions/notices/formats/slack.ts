import type { JsonObject } from '../../values/json.ts';
import type { Notice } from '../outbox.ts';
import { noticeText } from '../text.ts';

/** Characters of a message; the page has the rest. */
const LONGEST = 3_500;

/**
 * A message for Slack, and for those that take its messages (Mattermost, Rocket.Chat, Discord's `/slack`). Every line is
 * a code span: in Slack's own markup as in Markdown nothing in it is a link, a mention or formatting.
 * @see https://docs.slack.dev/messaging/formatting-message-text/
 */
export function slackBody(notice: Notice, statusPage: string): JsonObject {
  const { title, lines } = noticeText(notice);
  const spans: string[] = [];
  let left = LONGEST;
  for (const line of [`bmcron: ${title}`, ...lines, statusPage]) {
    const span = codeSpan(line);
    left -= span.length + 1;
    if (left < 0 && line !== statusPage) continue;
    spans.push(span);
  }
  return { text: spans.join('\n') };
}

/** Slack has no way to write a backtick within a code span, and takes `&`, `<` and `>` for its own. */
function codeSpan(line: string): string {
  const text = line.replaceAll('`', "'").replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `\`${text}\``;
}
