/** What is asked for, and of what is in force the items that are refused now (R21). */
export function lastGood<Item>(
  current: ReadonlyMap<string, Item>,
  desired: ReadonlyMap<string, Item>,
  refused: (item: Item) => boolean,
): ReadonlyMap<string, Item> {
  const kept: [string, Item][] = [];
  for (const [id, item] of current) if (!desired.has(id) && refused(item)) kept.push([id, item]);
  return kept.length === 0 ? desired : new Map([...desired, ...kept]);
}
