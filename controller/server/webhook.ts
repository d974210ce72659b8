import { HttpError, type HttpRequest, json } from './http.ts';
import type { Route } from './router.ts';

/** Whether a push hook is from somebody who knows the secret. */
export type JudgeHook = (
  request: { readonly headers: HttpRequest['headers']; readonly body: Uint8Array },
  secret: string,
) => 'genuine' | 'forged' | 'unsigned';

/** `POST /hooks/git`: a forge says that somebody has pushed. It nudges and no more, so its content does not matter. */
export function hookRoute(judge: JudgeHook, secret: string, nudge: () => void): Route {
  return {
    method: 'POST',
    path: '/hooks/git',
    audience: 'anyone',
    async handle(request) {
      const verdict = judge({ headers: request.headers, body: await request.body() }, secret);
      if (verdict !== 'genuine')
        throw new HttpError(403, `this hook is ${verdict}: sign it with the secret of --hook-secret`);
      nudge();
      return json({ nudged: true }, 202);
    },
  };
}
