import type { TestSystem } from './controller.ts';

/** Stops the controller where it is; the one of another host starts at a moment. */
export async function handOver(system: TestSystem, host: string, at: string): Promise<void> {
  await system.stop();
  system.move(host);
  system.clock.advance(new Date(at));
  await system.start();
}
