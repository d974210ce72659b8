import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { EventStream } from './event-stream.ts';
import { type HttpResponse, json } from './http.ts';
import type { Route } from './router.ts';
import type { PageService } from './views/page-service.ts';
import { type Views, viewRoutes } from './views/view-routes.ts';

export interface PageOptions {
  readonly eventStream: EventStream;
  readonly views: Views;
  /** What the page is told of the service itself. */
  readonly service: PageService;
}

/** The page's own files, in the folder beside this one; nothing is ever read by a name that a request brings. */
const FILES: readonly string[] = [
  'page.css',
  'fleet.css',
  'views.css',
  'page.js',
  'elements.js',
  'filter.js',
  'links.js',
  'list.js',
  'lists.js',
  'store.js',
  'timeline.js',
  'times.js',
  'token.js',
  'trouble.js',
  'views/actions.js',
  'views/job.js',
  'views/machine.js',
  'views/parts.js',
  'views/run.js',
  'views/views.js',
  'icon.svg',
];
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
};
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

/** `/` and what it asks for. Read only. */
export function pageRoutes({ eventStream, views, service }: PageOptions): readonly Route[] {
  return [
    fileRoute('/', 'index.html'),
    ...FILES.map((name) => fileRoute(`/page/${name}`, name)),
    {
      method: 'GET',
      path: '/page/state',
      audience: 'reader',
      handle: async () => json({ service: { ...service }, ...(await eventStream.whole()) }),
    },
    { method: 'GET', path: '/page/events', audience: 'reader', handle: () => eventsResponse(eventStream) },
    ...viewRoutes(views),
  ];
}

function fileRoute(path: string, name: string): Route {
  const type = TYPES[extname(name).slice(1)];
  const body = readFileSync(join(import.meta.dirname, 'page', name));
  const headers = { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY };
  return { method: 'GET', path, audience: 'anyone', handle: () => ({ status: 200, headers, body }) };
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
