import { HttpError, type HttpRequest, type HttpResponse } from './http.ts';

/** Who may use a route: anybody, who may read, or who may write (a caller with a token). */
export type Audience = 'anyone' | 'reader' | 'writer';

/** What answers a method and a path; `{name}` stands for whatever is between two slashes. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly audience: Audience;
  handle(request: HttpRequest): HttpResponse | Promise<HttpResponse>;
}

/** The route of a request, and what stands for its `{name}`s. */
export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export type Router = (method: string, path: string) => Found;

/** A table of routes. The answer to a path of none is 404, to a method of none 405. */
export function createRouter(routes: readonly Route[]): Router {
  const byLength = new Map<number, { readonly route: Route; readonly pattern: readonly PatternName[] }[]>();
  for (const route of routes) {
    const pattern = namesOf(route.path).map((text) => ({ text, parameter: /^\{(\w+)\}$/.exec(text)?.[1] ?? null }));
    byLength.set(pattern.length, [...(byLength.get(pattern.length) ?? []), { route, pattern }]);
  }
  return (method, path) => {
    const names = namesOf(path).map(decoded);
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allowed: string[] = [];
    for (const { route, pattern } of byLength.get(names.length) ?? []) {
      const params = match(pattern, names);
      if (params && route.method === wanted) return { route, params };
      if (params) allowed.push(route.method);
    }
    if (allowed.length === 0) throw new HttpError(404, 'there is nothing at this path');
    throw new HttpError(405, `${method} is not for this path: ${allowed.join(', ')}`, { allow: allowed.join(', ') });
  };
}

/** What a route has between two slashes: a text, or a parameter for whatever a request has there. */
interface PatternName {
  readonly text: string;
  readonly parameter: string | null;
}

/** The names between the slashes of a path; a trailing slash means nothing. */
function namesOf(path: string): readonly string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

function match(
  pattern: readonly PatternName[],
  names: readonly (string | null)[],
): Readonly<Record<string, string>> | null {
  const params: Record<string, string> = {};
  for (const [index, { text, parameter }] of pattern.entries()) {
    const value = names[index] ?? '';
    if (parameter === null ? value !== text : value === '') return null;
    if (parameter !== null) params[parameter] = value;
  }
  return params;
}

function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name);
  } catch {
    return null; // half an escape is no path
  }
}
