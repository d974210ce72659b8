// npm run torture -- --seconds 60 [--seed 1]: the whole controller under SIGKILL, human commits, force-pushes, lost
// push answers and outages, then the oracle. Ends with exit code 1 when something was lost, done twice or overwritten.
// With --engine: two controllers, workers and a cluster of NATS, killed and paused; wants nats-server (NATS_SERVER).
import { parseArgs } from 'node:util';
import { tortureEngine } from '../torture/engine.ts';
import { torture } from '../torture/run.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, engine: { type: 'boolean' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const seconds = Number(values.seconds ?? 60);
const { faults, said, ...numbers } = await (values.engine ? tortureEngine(seconds, seed) : torture(seconds, seed));
console.log(JSON.stringify(numbers));
if (faults.length > 0) console.log(said);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(faults.length === 0 ? 'nothing lost, nothing twice, nobody overwritten' : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
