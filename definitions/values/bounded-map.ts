/**
 * What makes room for a new key where the most are there already: `oldest` drops the key that was set first, `all`
 * drops every key. Setting a known key drops nothing and leaves it at its age; deleted and set again it is the newest,
 * so that a caller who does this at each use keeps what was used last.
 */
export type Eviction = 'oldest' | 'all';

/** A map of at most so many keys. */
export interface BoundedMap<Key, Value> {
  readonly size: number;
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  /** Whether it was there. */
  delete(key: Key): boolean;
  clear(): void;
  /** Oldest first. */
  values(): Iterable<Value>;
}

/** A set of at most so many items. */
export interface BoundedSet<Item> {
  has(item: Item): boolean;
  add(item: Item): void;
  /** Whether it was there. */
  delete(item: Item): boolean;
}

/** An empty map of at most `most` keys, 1 or more. */
export function createBoundedMap<Key, Value>(most: number, eviction: Eviction): BoundedMap<Key, Value> {
  const map = new Map<Key, Value>();
  return {
    get size() {
      return map.size;
    },
    get: (key) => map.get(key),
    set(key, value) {
      if (map.size >= most && !map.has(key)) makeRoom(map, eviction);
      map.set(key, value);
    },
    delete: (key) => map.delete(key),
    clear: () => map.clear(),
    values: () => map.values(),
  };
}

/** A set of at most `most` items, 1 or more, that forgets the oldest; of the given ones the last are kept. */
export function createBoundedSet<Item>(most: number, given: Iterable<Item> = []): BoundedSet<Item> {
  const items = new Set<Item>();
  const set: BoundedSet<Item> = {
    has: (item) => items.has(item),
    add(item) {
      if (items.size >= most && !items.has(item)) makeRoom(items, 'oldest');
      items.add(item);
    },
    delete: (item) => items.delete(item),
  };
  for (const item of given) set.add(item);
  return set;
}

function makeRoom<Key>(all: Map<Key, unknown> | Set<Key>, eviction: Eviction): void {
  if (eviction === 'all') {
    all.clear();
    return;
  }
  const oldest = all.keys().next();
  if (!oldest.done) all.delete(oldest.value);
}
