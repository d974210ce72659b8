/** The keys of a map that changes while it is gone through, each once, those that come to it meanwhile too. */
export function* eachKey<K>(map: ReadonlyMap<K, unknown>): Generator<K> {
  const seen = new Set<K>();
  const unseen = () => [...map.keys()].filter((key) => !seen.has(key));
  for (let keys = unseen(); keys.length > 0; keys = unseen()) {
    for (const key of keys) {
      seen.add(key);
      yield key;
    }
  }
}
