/** Returns a value once and keeps no hold of it: what only a start goes by must not fill the memory ever after. */
export function once<Value>(value: Value): () => Value {
  const held = [value];
  return () => {
    const [first] = held.splice(0);
    if (first === undefined) throw new Error('what the journal knows has been taken up before');
    return first;
  };
}
