// npm run kill -- KILLS: so many real SIGKILLs, in batches of 50, each on a fleet of its own; after each
// 25 more while real BMCs are changed.
import { killOnWire } from './images.ts';
import { killOften } from './kill.ts';

const wanted = Number(process.argv[2] ?? 100);
for (let done = 0; done < wanted; ) {
  const { kills, runs, interrupted } = await killOften(Math.min(50, wanted - done));
  done += kills;
  console.log(`${done} kills; this batch: ${runs} runs, none twice, ${interrupted} parts logged as interrupted`);
  const onWire = await killOnWire(25);
  console.log(
    `25 on the wire: ${onWire.changes} changes, each with what was before, ${onWire.interrupted} interrupted, ${onWire.reverted} put back`,
  );
}
