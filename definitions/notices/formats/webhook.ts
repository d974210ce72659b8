import { createHmac } from 'node:crypto';
import type { JsonObject } from '../../values/json.ts';
import type { Fact } from '../fact.ts';
import type { Notice } from '../outbox.ts';
import { noticeText } from '../text.ts';

/** What a notice as JSON holds: the words for people, and the facts for programs. */
export function webhookBody(notice: Notice, statusPage: string): JsonObject {
  const { id, event, state, cause, made, facts, more } = notice;
  const { title, lines } = noticeText(notice);
  return {
    Key: id,
    Event: event,
    State: state,
    Cause: cause,
    Time: made,
    Title: title,
    Text: lines.join('\n'),
    StatusPage: statusPage,
    Facts: facts.map(factBody),
    More: more,
  };
}

function factBody({ key, at, job, run, detail }: Fact): JsonObject {
  return {
    Key: key,
    Time: at,
    Job: job,
    Detail: detail,
    Run: run && {
      RunID: run.run,
      Trigger: run.trigger,
      Token: run.token,
      Who: run.who,
      Action: run.action,
      Commit: run.commit,
      Machines: run.machines,
      Failed: run.failed,
      Causes: run.causes,
      FailedMachines: run.names,
    },
  };
}

/**
 * The headers by which a receiver knows a repetition (N09), and with a secret that the body is genuine and new.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookHeaders(id: string, body: string, secret: string | null, now: Date): Record<string, string> {
  const seconds = String(Math.floor(now.getTime() / 1000));
  const known = { 'Idempotency-Key': id, 'webhook-id': id, 'webhook-timestamp': seconds };
  if (secret === null) return known;
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = base64 === undefined ? Buffer.from(secret) : Buffer.from(base64, 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { ...known, 'webhook-signature': `v1,${signature}` };
}
