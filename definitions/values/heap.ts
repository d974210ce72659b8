/** A binary heap: the least item first. */
export interface Heap<Item> {
  readonly size: number;
  peek(): Item | undefined;
  pop(): Item | undefined;
  push(item: Item): void;
}

/** An empty heap ordered by `before`, which says whether its first argument comes first. */
export function createHeap<Item>(before: (a: Item, b: Item) => boolean): Heap<Item> {
  const items: Item[] = [];

  function swap(i: number, j: number): void {
    [items[i], items[j]] = [items[j] as Item, items[i] as Item];
  }

  function precedes(i: number, j: number): boolean {
    return i < items.length && before(items[i] as Item, items[j] as Item);
  }

  function rise(index: number): void {
    for (let i = index; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!precedes(i, parent)) return;
      swap(i, parent);
      i = parent;
    }
  }

  function sink(): void {
    for (let i = 0; ; ) {
      let least = i;
      if (precedes(2 * i + 1, least)) least = 2 * i + 1;
      if (precedes(2 * i + 2, least)) least = 2 * i + 2;
      if (least === i) return;
      swap(i, least);
      i = least;
    }
  }

  return {
    get size() {
      return items.length;
    },
    peek: () => items[0],
    push(item) {
      items.push(item);
      rise(items.length - 1);
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length > 0) {
        items[0] = last as Item;
        sink();
      }
      return first;
    },
  };
}
