import { createHmac, timingSafeEqual } from 'node:crypto';
import { HttpError, json, tooMany } from './http.ts';
import { createRate } from './rate.ts';
import type { Route } from './router.ts';

/** What a forge sends to say that somebody has pushed. */
export interface HookRequest {
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As received: the signature is one of bytes. Read only where there is one. */
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * Whether a hook may nudge: it may (`genuine`), it does not know the secret (`forged`), or it has none (`unsigned`).
 */
export type HookVerdict = 'genuine' | 'forged' | 'unsigned';

/** What forges send at most: GitHub's limit. None of it is kept: nobody fills the memory without knowing the secret. */
const LARGEST_BYTES = 25 << 20;

/** A file that holds no secret of the push hook. */
export class HookSecretError extends Error {
  override readonly name = 'HookSecretError';
}

const SHORTEST_SECRET = 8;

/** The secret of the push hook, from the text of its file. @throws HookSecretError */
export function readHookSecret(text: string): string {
  const secret = text.trim();
  if (secret.length >= SHORTEST_SECRET) return secret;
  throw new HookSecretError(`a secret has at least ${SHORTEST_SECRET} characters`);
}

/**
 * `POST /hooks/git`: a forge says that somebody has pushed. It nudges and no more, so its content does not matter.
 * @param now in milliseconds, rising
 */
export function webhookRoute(secret: string, nudge: () => void, now: () => number): Route {
  const guessed = createRate({ burst: 20, perSecond: 0.2, now });
  return {
    method: 'POST',
    path: '/hooks/git',
    audience: 'anyone',
    async handle(request) {
      const { headers, address } = request;
      const verdict = await judgeHook({ headers, body: request.chunks(LARGEST_BYTES) }, secret);
      const wait = verdict === 'genuine' ? 0 : guessed.take(address);
      if (wait > 0) throw tooMany(wait);
      if (verdict !== 'genuine')
        throw new HttpError(403, `this hook is ${verdict}: sign it with the secret of --hook-secret`);
      nudge();
      return json({ nudged: true }, 202);
    },
  };
}

/**
 * Judges a push hook by a shared secret: GitHub, Gitea and Forgejo sign the body (`X-Hub-Signature-256`, HMAC of
 * SHA-256), GitLab sends the secret itself (`X-Gitlab-Token`). Takes as long for a near miss as for a far one.
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export async function judgeHook(request: HookRequest, secret: string): Promise<HookVerdict> {
  if (secret === '') return 'forged'; // no secret is configured: everybody would know it
  const signature = request.headers['x-hub-signature-256'];
  if (signature !== undefined) {
    const expected = createHmac('sha256', secret);
    for await (const chunk of request.body) expected.update(chunk);
    return same(signature, `sha256=${expected.digest('hex')}`, secret) ? 'genuine' : 'forged';
  }
  const token = request.headers['x-gitlab-token'];
  if (token === undefined) return 'unsigned';
  return same(token, secret, secret) ? 'genuine' : 'forged';
}

/** Compares digests of both, so that neither the place of a difference nor a length shows in time. */
function same(given: string | readonly string[], expected: string, key: string): boolean {
  if (typeof given !== 'string') return false; // said twice: one of them is somebody else's
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
