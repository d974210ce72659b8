import type { HttpRequest, HttpResponse } from './http.ts';
import { HttpError } from './http.ts';

/** Who may use a route: anybody, who may read, or who may write (a caller with a token). */
export type Audience = 'anyone' | 'reader' | 'writer';

/** What answers a method and a path; `{name}` stands for one segment. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly audience: Audience;
  handle(request: HttpRequest): HttpResponse | Promise<HttpResponse>;
}

/** A route that fits, with what its segments are. */
export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds routes. */
export type Router = (method: string, path: string) => Found;

/** A table of routes. The answer to a path of none is 404, to a method of none 405. */
export function createRouter(routes: readonly Route[]): Router {
  const table = new Map<number, { readonly route: Route; readonly segments: readonly Segment[] }[]>();
  for (const route of routes) {
    const segments = segmentsOf(route.path).map((text) => ({ text, name: /^\{(\w+)\}$/.exec(text)?.[1] ?? null }));
    table.set(segments.length, [...(table.get(segments.length) ?? []), { route, segments }]);
  }
  return (method, path) => {
    const given = segmentsOf(path).map(decoded);
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allowed: string[] = [];
    for (const { route, segments } of table.get(given.length) ?? []) {
      const params = match(segments, given);
      if (params && route.method === wanted) return { route, params };
      if (params) allowed.push(route.method);
    }
    if (allowed.length === 0) throw new HttpError(404, 'there is nothing at this path');
    throw new HttpError(405, `${method} is not for this path: ${allowed.join(', ')}`, { allow: allowed.join(', ') });
  };
}

/** A segment of a route: itself, or a name for whatever stands there. */
interface Segment {
  readonly text: string;
  readonly name: string | null;
}

/** A trailing slash means nothing. */
function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

function match(
  segments: readonly Segment[],
  given: readonly (string | null)[],
): Readonly<Record<string, string>> | null {
  const params: Record<string, string> = {};
  for (const [index, { text, name }] of segments.entries()) {
    const value = given[index] ?? '';
    if (name === null ? value !== text : value === '') return null;
    if (name !== null) params[name] = value;
  }
  return params;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null; // half an escape is no path
  }
}
