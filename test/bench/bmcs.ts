// A process of simulated BMCs: `bmcs.js COUNT` sends their addresses to the parent and lives until that goes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { startBmc } from '../../controller/demo/bmc.ts';
import type { Machine } from '../../definitions/machine.ts';

const PROCESSES = 4;

/** What a simulated BMC is reached by. */
interface Place {
  readonly endpoint: string;
  readonly fingerprint: string;
}

/** BMCs in other processes, as machines of an inventory. */
export interface Racks {
  readonly machines: readonly Machine[];
  /** How long after a moment the last of them got its first request since then, in milliseconds. */
  lastFirstRequest(since: number): Promise<number>;
  close(): void;
}

/** Starts BMCs in four processes of their own, so that what they cost is not ours. */
export async function startRacks(count: number): Promise<Racks> {
  const children = Array.from({ length: PROCESSES }, (_, index) =>
    fork(new URL(import.meta.url), [String(Math.ceil((count - index) / PROCESSES))], { execArgv: [] }),
  );
  const told = await Promise.all(children.map((child) => once(child, 'message')));
  const places = told.flatMap(([some]) => some as Place[]);
  return {
    machines: places.map(({ endpoint, fingerprint }, index) => ({
      ID: `machine-${index}`,
      Type: 'Extend',
      Endpoint: endpoint,
      CredentialsRef: 'bench',
      TLS: { Fingerprint: fingerprint },
      Timeout: '60s',
    })),
    async lastFirstRequest(since) {
      for (const child of children) child.send(since);
      const answers = await Promise.all(children.map((child) => once(child, 'message')));
      return Math.max(...answers.map(([last]) => last as number)) - since;
    },
    close() {
      for (const child of children) child.disconnect();
    },
  };
}

if (process.send && process.argv[1] === import.meta.filename) {
  const bmcs = await Promise.all(Array.from({ length: Number(process.argv[2]) }, () => startBmc()));
  process.on('disconnect', () => process.exit());
  process.on('message', (since: number) => {
    const first = bmcs.map(({ requests }) => requests.find(({ time }) => time.getTime() >= since)?.time.getTime());
    process.send?.(Math.max(since, ...first.filter((time) => time !== undefined)));
  });
  process.send(bmcs.map(({ endpoint, fingerprint }): Place => ({ endpoint, fingerprint })));
}
