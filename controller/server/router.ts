import type { Answer, Request } from './answer.ts';
import { Refusal } from './answer.ts';

/** Who may use a route: anybody, who may read, or who may write (a caller with a token). */
export type Audience = 'anyone' | 'reader' | 'writer';

/** What answers a method and a path; `{name}` stands for one segment. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly audience: Audience;
  handle(request: Request): Answer | Promise<Answer>;
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
  const table = routes.map((route) => ({ route, segments: segmentsOf(route.path) }));
  return (method, path) => {
    const given = segmentsOf(path);
    const fitting = table.flatMap(({ route, segments }) => {
      const params = match(segments, given);
      return params ? [{ route, params }] : [];
    });
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = fitting.find(({ route }) => route.method === wanted);
    if (found) return found;
    if (fitting.length === 0) throw new Refusal(404, 'there is nothing at this path');
    const allowed = fitting.map(({ route }) => route.method).join(', ');
    throw new Refusal(405, `${method} is not for this path: ${allowed}`, { allow: allowed });
  };
}

/** A trailing slash means nothing. */
function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

function match(pattern: readonly string[], given: readonly string[]): Readonly<Record<string, string>> | null {
  if (pattern.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const value = decoded(given[index] ?? '');
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (value === null || (name === undefined && value !== segment) || (name !== undefined && value === ''))
      return null;
    if (name !== undefined) params[name] = value;
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
