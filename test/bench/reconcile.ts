// What it costs that 10 of n manifests change, beside the git commands that it takes:
// node --import tsx test/bench/reconcile.ts [n]
import { pathToFileURL } from 'node:url';
import { git, ground, workTree } from '../git/ground.ts';
import { openService } from '../git/service.ts';
import { bareGit, inTurns, type Measurement, timed } from './floor.ts';

const CHANGED = 10;

function manifest(job: number, round: number): string {
  return `# Keeps rack ${job % 40} quiet at night.
Name: Nightly PowerSaver Mode ${job}
Machines: [machine-${job % 100}]
Action: PatchProfile
Payload: [{ ManagerID: bmc, Payload: { Profile: PowerSaver } }]
Schedule: { Type: Continuous, Time: "22:00:${String((round + 60) % 60).padStart(2, '0')}", Period: { StartDay: 2026-02-10 } }
`;
}

/**
 * From a push of 10 changed manifests among n to their bytes in the hands of the controller. What follows there is
 * other rooms' work. @param take what is done with a snapshot; nothing by default
 */
export async function benchReconcile(
  n = 10_000,
  rounds = 9,
  take: (manifests: ReadonlyMap<string, unknown>) => Promise<void> = async () => {},
): Promise<Measurement> {
  const at = ground();
  try {
    const files: Record<string, string> = {};
    for (let job = 0; job < n; job += 1) files[`jobs/r${job % 100}/job-${job}.yaml`] = manifest(job, 0);
    const human = workTree(at.path('human'), { 'README.md': 'x\n' });
    await commitByStream(human, files);
    const [bare, clone] = [at.path('remote.git'), at.path('clone.git')];
    git(at.root, 'clone', '--quiet', '--bare', human, bare);
    git(at.root, 'clone', '--quiet', '--bare', `file://${bare}`, clone);
    git(clone, 'config', 'remote.origin.fetch', '+refs/heads/*:refs/heads/*');
    const { repository } = await openService({ fleet: `file://${bare}`, stateDir: at.path('state') });
    const known = new Set<string>();
    const look = async () => {
      const { manifests } = await repository.snapshot((blob) => known.has(blob));
      let fresh = 0;
      for (const { blob, bytes } of manifests.values()) {
        if (bytes) fresh += 1;
        known.add(blob);
      }
      await take(manifests);
      return fresh;
    };
    await look();
    let pushed = Number.NaN;
    const push = async (round: number) => {
      if (pushed === round) return; // both sides of a round read the same change
      pushed = round;
      const some: Record<string, string> = {};
      for (let job = 0; job < CHANGED; job += 1) some[`jobs/r${job}/job-${job}.yaml`] = manifest(job, round + 2);
      await commitByStream(human, some);
      git(human, 'push', '--quiet', `file://${bare}`, 'main');
    };
    return await inTurns('reconcile', n, rounds, {
      ours: async (round) => {
        await push(round);
        return timed(async () => {
          if ((await look()) !== CHANGED) throw new Error('the change has not been seen');
        });
      },
      floor: async (round) => {
        await push(round);
        return timed(() => byHand(clone));
      },
    });
  } finally {
    at.remove();
  }
}

async function byHand(clone: string): Promise<void> {
  const was = (await bareGit(clone, ['rev-parse', 'main'])).toString().trim();
  await bareGit(clone, ['fetch', '--quiet', '--no-tags', 'origin']);
  const changed = (await bareGit(clone, ['diff-tree', '-r', '-z', was, 'main'])).toString().split('\0');
  const blobs = changed.filter((field) => field.startsWith(':')).map((field) => field.split(' ')[3]);
  if (blobs.length !== CHANGED) throw new Error(`${blobs.length} blobs changed`);
  await bareGit(clone, ['cat-file', '--batch'], `${blobs.join('\n')}\n`);
}

async function commitByStream(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const parts = [
    'commit refs/heads/main\ncommitter Ada <ada@example.com> 1773180000 +0000\ndata 1\nx\nfrom refs/heads/main^0\n',
  ];
  for (const [path, text] of Object.entries(files))
    parts.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  await bareGit(folder, ['fast-import', '--quiet'], parts.join(''));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await benchReconcile(Number(process.argv[2] ?? 10_000))));
}
