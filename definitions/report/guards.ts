import type { Breaker, Guards } from '../guard.ts';
import { GUARD_CLASSES, type GuardClass } from '../guard-class.ts';
import type { Json } from '../values/json.ts';
import { print } from '../yaml/document.ts';

/** The guards and the breaker of a fleet in full, as `bmcron.yaml` would write them, each class with its meaning. */
export function printGuards({ Guards, Breaker }: { readonly Guards: Guards; readonly Breaker: Breaker }): string {
  const guards = Object.entries(GUARD_CLASSES).map(([name, meaning]) => {
    const guard = { Class: name, ...Guards[name as GuardClass] } as unknown as Json;
    const [first = '', ...rest] = print([guard]).trimEnd().split('\n');
    return [`  # ${name}: ${meaning}`, `  - ${first}`, ...rest.map((line) => `    ${line}`)].join('\n');
  });
  const breaker = print([{ Breaker } as unknown as Json]);
  return `# What is not written in bmcron.yaml is built in; null is no limit.\nGuards:\n${guards.join('\n')}\n${breaker}`;
}
