// npm run commits -- --count 1000 [--seed 1] [--by 'git commit']: human commits at random distances from the service's
// own in a checkout. Ends with exit code 1 when one was not in force within a second.
import { parseArgs } from 'node:util';
import type { Committing } from '../support/local-service.ts';
import { driveCommits } from './drive-commits.ts';

const { values } = parseArgs({
  options: { count: { type: 'string' }, seed: { type: 'string' }, by: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const by: Committing = values.by === 'git commit' ? 'git commit' : 'git fast-import';
const result = await driveCommits({ count: Number(values.count ?? 1_000), seed, by, withinMs: 1_000 });
console.log(JSON.stringify({ seed, by, ...result }));
process.exitCode = result.overlooked.length === 0 ? 0 : 1;
