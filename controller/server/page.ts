import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStream } from './event-stream.ts';
import { HttpError, type HttpRequest, type HttpResponse, json } from './http.ts';
import type { RecentRuns } from './recent-runs.ts';
import type { Route } from './router.ts';

export interface PageOptions {
  readonly eventStream: EventStream;
  readonly recentRuns: Pick<RecentRuns, 'run'>;
  /** `https://github.com/o/r/commit/`, to which a commit is added; null when there is no such address. */
  readonly commits: string | null;
  readonly version: string;
}

/** The page's own files, beside this one; nothing is ever read by a name that a request brings. */
const FILES = [
  ['/', 'index.html', 'text/html'],
  ['/page/page.css', 'page.css', 'text/css'],
  ['/page/page.js', 'page.js', 'text/javascript'],
  ['/page/elements.js', 'elements.js', 'text/javascript'],
  ['/page/store.js', 'store.js', 'text/javascript'],
  ['/page/timeline.js', 'timeline.js', 'text/javascript'],
  ['/page/lists.js', 'lists.js', 'text/javascript'],
  ['/page/run.js', 'run.js', 'text/javascript'],
  ['/page/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const;
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const PARTS_A_PAGE = 200;

/** `/` and what it asks for. Read only. */
export function pageRoutes({ eventStream, recentRuns, commits, version }: PageOptions): readonly Route[] {
  return [
    ...FILES.map(fileRoute),
    {
      method: 'GET',
      path: '/page/state',
      audience: 'reader',
      handle: async () => json({ version, commits, ...(await eventStream.whole()) }),
    },
    { method: 'GET', path: '/page/events', audience: 'reader', handle: () => eventsResponse(eventStream) },
    {
      method: 'GET',
      path: '/page/runs/{run}',
      audience: 'reader',
      handle: (request) => runResponse(recentRuns, request),
    },
  ];
}

function fileRoute([path, name, type]: (typeof FILES)[number]): Route {
  const body = readFileSync(join(import.meta.dirname, 'page', name));
  const headers = { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY };
  return { method: 'GET', path, audience: 'anyone', handle: () => ({ status: 200, headers, body }) };
}

/** One run: its failed parts first, so many at a time. */
function runResponse(recentRuns: PageOptions['recentRuns'], { params, query }: HttpRequest): HttpResponse {
  const run = recentRuns.run(params['run'] ?? '');
  if (!run) throw new HttpError(404, 'this run is not remembered here any more: its log files in Git tell of it');
  const { claim, parts, finish } = run;
  const from = Math.max(0, Number(query.get('from')) || 0);
  const sorted = [...parts].sort((a, b) => Number(a.log.Error === null) - Number(b.log.Error === null));
  const shown = sorted.slice(from, from + PARTS_A_PAGE).map(({ outcome, path, log }) => ({ outcome, path, ...log }));
  const recorded = new Set(parts.map(({ log }) => log.MachineID));
  const waiting = claim.machines.filter((id) => !recorded.has(id)).slice(0, PARTS_A_PAGE);
  return json({
    claim: { ...claim, machines: claim.machines.length },
    finish,
    total: parts.length,
    parts: shown,
    waiting,
  });
}

function eventsResponse(eventStream: EventStream): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
    stream: (response) => {
      if (!eventStream.join(response)) response.end('event: full\ndata: {}\n\n');
    },
  };
}
