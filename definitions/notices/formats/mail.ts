import type { Receiver } from '../../settings.ts';
import type { Notice } from '../outbox.ts';
import { noticeText } from '../text.ts';

/** A mail of plain text. */
export interface MailText {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The same at each try: a repetition is seen as one. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A notice as a mail that no machine answers (RFC 3834). Names in it are one line each, and never a header. */
export function mailOf({ Sender, Recipients }: Receiver, notice: Notice, statusPage: string): MailText {
  const { title, lines } = noticeText(notice);
  const from = Sender ?? '';
  return {
    from,
    to: Recipients,
    subject: `[bmcron] ${title}`,
    text: [title, '', ...lines, '', statusPage, ''].join('\n'),
    messageId: `<${notice.id}@${from.slice(from.indexOf('@') + 1)}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}
