import { createTimeSlice } from '../../time-slice.ts';
import { HttpError, type HttpRequest, type HttpResponse, json } from '../http.ts';
import type { Route } from '../router.ts';

/** Where the API begins. */
export const SERVICE_ROOT = '/MultiFish/v1';

const MOST_MEMBERS = 10_000;
const PAGING = ['$skip', '$top', '$expand'];

/** What a collection is called, and what is in it. */
export interface ResourceCollection {
  readonly address: string;
  /** Of its members: `Job`. */
  readonly type: string;
  readonly name: string;
  /** Of all members, in their order. */
  readonly ids: readonly string[];
  /** The whole of a member; null: it is gone meanwhile. */
  readonly member: (id: string) => object | null;
}

/** A resource as an answer. */
export function resourceResponse(
  body: object,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return json(body, status, { 'odata-version': '4.0', ...headers });
}

/** The path of a member of a collection. */
export function memberAddress(collection: string, id: string): string {
  return `${collection}/${encodeURIComponent(id)}`;
}

/** What links to a resource. */
export function linkTo(address: string): { readonly '@odata.id': string } {
  return { '@odata.id': address };
}

/** The members from `$skip` on, at most `$top`; whole with `$expand`. @throws HttpError */
export async function collectionResponse(
  collection: ResourceCollection,
  { query }: HttpRequest,
): Promise<HttpResponse> {
  const { address, type, name, ids } = collection;
  const [skip, top] = [count(query, '$skip', 0), count(query, '$top', MOST_MEMBERS)];
  const isWhole = query.has('$expand');
  const next = `${address}?$skip=${skip + top}&$top=${top}${isWhole ? '&$expand=.' : ''}`;
  const shown = ids.slice(skip, skip + top);
  return resourceResponse({
    '@odata.id': address,
    '@odata.type': `#${type}Collection.${type}Collection`,
    Name: name,
    'Members@odata.count': ids.length,
    Members: isWhole ? await wholeMembers(collection, shown) : shown.map((id) => linkTo(memberAddress(address, id))),
    ...(skip + top < ids.length && { 'Members@odata.nextLink': next }),
  });
}

/** Made in slices of time, since runs that fall due must not wait for a reader. */
async function wholeMembers({ member }: ResourceCollection, ids: readonly string[]): Promise<object[]> {
  const members: object[] = [];
  const pace = createTimeSlice();
  for (const id of ids) {
    const whole = member(id);
    if (whole) members.push(whole);
    await pace();
  }
  return members;
}

/** A route of one resource. */
export function withoutQuery(route: Route): Route {
  return { ...route, handle: (request) => route.handle(understood(request, [])) };
}

/** A route of a collection, of which a part may be asked for. */
export function withPaging(route: Route): Route {
  return { ...route, handle: (request) => route.handle(understood(request, PAGING)) };
}

/**
 * Query parameters that begin with $ ask for something; what is not there is refused, all others are left unread
 * (DSP0266, 7.3.1). @throws HttpError
 */
function understood(request: HttpRequest, known: readonly string[]): HttpRequest {
  const asked = [...request.query.keys()].find((name) => name.startsWith('$') && !known.includes(name));
  if (asked === undefined) return request;
  const there = known.length > 0 ? `; there are ${known.join(', ')}` : '';
  throw new HttpError(501, `the query parameter ${asked} is not supported here${there}`);
}

function count(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,7}$/.test(text)) throw new HttpError(400, `${name} is a whole number`);
  return Math.min(Number(text), MOST_MEMBERS);
}
