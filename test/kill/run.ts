// npm run kill -- KILLS: so many real SIGKILLs, in batches of 50, each on a fleet of its own.
import { killOften } from './kill.ts';

const wanted = Number(process.argv[2] ?? 100);
for (let done = 0; done < wanted; ) {
  const { kills, runs, interrupted } = await killOften(Math.min(50, wanted - done));
  done += kills;
  console.log(`${done} kills; this batch: ${runs} runs, none twice, ${interrupted} parts logged as interrupted`);
}
