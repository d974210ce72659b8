import type { Stage } from './controller.ts';

/** Stops the controller where it is; the one of another host starts at a moment. */
export async function handOver(stage: Stage, host: string, at: string): Promise<void> {
  await stage.stop();
  stage.move(host);
  stage.clock.pass(new Date(at));
  await stage.start();
}
