/** A set of names that forgets the oldest beyond `most`. */
export function createBoundedSet(given: Iterable<string>, most: number): Pick<Set<string>, 'has' | 'add' | 'delete'> {
  const names = new Set(given);
  return {
    has: (name) => names.has(name),
    delete: (name) => names.delete(name),
    add(name) {
      if (names.size >= most) names.delete(names.values().next().value ?? '');
      return names.add(name);
    },
  };
}
