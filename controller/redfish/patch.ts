import type { JsonObject } from '../../definitions/values/json.ts';
import { Failure } from './failure.ts';
import type { Answer } from './http/client.ts';
import { type Resource, readResource } from './manager.ts';
import type { Session } from './session.ts';

/** So often a PATCH is sent at most until its precondition is met. */
const MAX_SENDS = 4;
const MAX_HOPS = 5;
const REDIRECTS = new Set([301, 302, 307, 308]);

/**
 * Sends a PATCH to where the BMC wants it. A redirect is followed inside the origin, and only to a resource that
 * `belongs`: elsewhere the same body could create what is not there.
 */
export async function sendPatch(
  session: Session,
  target: Resource,
  body: JsonObject,
  belongs: (resource: Resource) => boolean,
): Promise<Answer> {
  let at = target;
  for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
    const answer = await sendConditional(session, at, body);
    const location = answer.header('location');
    if (!REDIRECTS.has(answer.status) || !location) return answer;
    at = await readResource(session, session.resolve(location, at.path));
    if (!belongs(at)) {
      throw new Failure('Refused', 'permanent', `PATCH ${target.path} is redirected to ${at.path}, another resource`);
    }
  }
  throw new Failure('Refused', 'permanent', `PATCH ${target.path} is redirected in a circle`);
}

/**
 * Sends a PATCH as this BMC wants it: without If-Match first, with the ETag of a fresh read where it asks for one, then
 * with the forms of that ETag that peculiar servers take (docs/redfish.md, Quirks). What worked is remembered.
 */
async function sendConditional(session: Session, target: Resource, body: JsonObject): Promise<Answer> {
  const { quirks } = session;
  let form = quirks.ifMatch;
  let etag = target.etag;
  for (let sends = 1; ; sends += 1) {
    const tag = form === null ? undefined : formsOf(etag)[form];
    const answer = await session.send('PATCH', target.path, {
      body,
      headers: tag === undefined ? {} : { 'If-Match': tag },
    });
    const unmet = answer.status === 428 || answer.status === 412;
    if (!unmet) {
      if (answer.status < 300) quirks.ifMatch = form;
      return answer;
    }
    if (sends >= MAX_SENDS) return answer;
    const fresh = (await readResource(session, target.path)).etag;
    const changed = fresh !== etag;
    etag = fresh;
    if (form === null) form = 0;
    else if (!changed || sends > 2) form += 1;
    if (formsOf(etag)[form] === undefined) return answer;
  }
}

/** The forms of an ETag, likeliest first: as sent, strong, without a suffix of compression, without quotes. */
export function formsOf(etag: string | undefined): readonly string[] {
  if (!etag) return ['*'];
  const first = /^(W\/)?"[^"]*"/.exec(etag.trim())?.[0] ?? etag.trim();
  const strong = first.replace(/^W\//, '');
  const plain = strong.replace(/[-;](gzip|br|deflate)("?)$/, '$2');
  return [...new Set([first, strong, plain, plain.replaceAll('"', '')])];
}
