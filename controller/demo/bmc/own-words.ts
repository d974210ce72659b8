import { isObject, type Json } from '../../../definitions/values/json.ts';
import type { Habits } from '../presets/habits.ts';
import type { Reply } from './answer.ts';

/** An ETag as a preset's BMC shows it. */
export function shownTag(etag: string, { etag: kind }: Habits): string {
  return kind === 'weak' && etag !== '' ? `W/${etag}` : etag;
}

/** An answer with its ETag as a preset's BMC shows it; a weak one stands in the body too (iLO). */
export function tagged(reply: Reply, habits: Habits): Reply {
  if (reply.etag === undefined || habits.etag === 'strong') return reply;
  const etag = shownTag(reply.etag, habits);
  const { body } = reply;
  const inside = isObject(body) && '@odata.id' in body;
  return { ...reply, etag, ...(inside ? { body: { ...body, '@odata.etag': etag } } : {}) };
}

const OWN_REGISTRY = /^Base\.1\.19\./;

/** An answer whose messages name a preset's registry, and say no more than its BMC does. */
export function inOwnWords(reply: Reply, { registry, messages }: Habits): Reply {
  const { body } = reply;
  if (!isObject(body) || (registry === 'Base.1.19' && messages === 'whole')) return reply;
  const info = (each: Json): Json => {
    if (!isObject(each)) return each;
    const MessageId = String(each['MessageId']).replace(OWN_REGISTRY, `${registry}.`);
    return messages === 'whole' ? { ...each, MessageId } : { MessageArgs: each['MessageArgs'] ?? [], MessageId };
  };
  const list = (value: Json | undefined): Json => (Array.isArray(value) ? value.map(info) : []);
  const error = body['error'];
  if (isObject(error)) {
    const code = messages === 'whole' ? String(error['code']).replace(OWN_REGISTRY, `${registry}.`) : GENERAL_CODE;
    const shown = { ...error, code, '@Message.ExtendedInfo': list(error['@Message.ExtendedInfo']) };
    const text = messages === 'whole' ? {} : { message: GENERAL_TEXT };
    return { ...reply, body: { ...body, error: { ...shown, ...text } } };
  }
  return '@Message.ExtendedInfo' in body
    ? { ...reply, body: { ...body, '@Message.ExtendedInfo': list(body['@Message.ExtendedInfo']) } }
    : reply;
}

/** What iLO says of every error. */
const GENERAL_CODE = 'iLO.0.10.ExtendedInfo';
const GENERAL_TEXT = 'See @Message.ExtendedInfo for more information.';
