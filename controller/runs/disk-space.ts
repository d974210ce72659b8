import { after, type Clock } from '../clock.ts';

/** So long an answer counts: what begins in one go, and no run that somebody asks for a moment later. */
const FRESH_MS = 200;

/** Whether the disk has room for what further machines will record; the disk is asked seldom, however many begin. */
export function createDiskSpace(
  clock: Clock,
  ask: (machines: number) => Promise<boolean>,
): (machines: number) => boolean | Promise<boolean> {
  let until = new Date(0);
  /** Machines that began since the disk was asked, and how many it had room for then. */
  let used = 0;
  let granted = 0;
  /** How many began in one go before: as many may come again. */
  let crowd = 0;

  async function check(machines: number): Promise<boolean> {
    if (clock.now() >= until) {
      crowd = used;
      used = granted = 0;
    }
    used += machines;
    if (used <= granted) return true;
    const wanted = Math.max(used * 2, crowd);
    until = after(clock, FRESH_MS);
    if (await ask(wanted)) {
      granted = Math.max(granted, wanted);
      return true;
    }
    if (await ask(used)) return true;
    used -= machines;
    return false;
  }

  let last: Promise<unknown> = Promise.resolve();
  let asking = 0;
  return (machines) => {
    if (asking === 0 && used + machines <= granted && clock.now() < until) {
      used += machines;
      return true;
    }
    asking += 1;
    const mine = last.then(() => check(machines)); // in the order of asking, which is that of the claims (R25)
    last = mine
      .catch(() => undefined)
      .finally(() => {
        asking -= 1;
      });
    return mine;
  };
}
