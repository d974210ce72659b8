import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createMaintenance } from '../../controller/publish/maintenance.ts';
import { faultTest } from '../faults/fault.ts';
import { result, status } from '../support/git-folder.ts';
import { createInstantClock } from '../support/publisher.ts';

const DAY_MS = 86_400_000;

for (const keepDays of [30, 3]) {
  faultTest(`#20.9 Journal.KeepDays ${keepDays}: what was public for so long leaves the journal`, async (at) => {
    const clock = createInstantClock();
    const stateDir = at.folder.path('state');
    const service = await at.open({ fleet: at.url, stateDir }, { clock });
    await service.journal.append([result(1), status('a', 1)]);
    await service.publisher.publish();
    const pruned: [number, Date][] = [];
    const journal = {
      ...service.journal,
      prune: async (through: number, before: Date) => void pruned.push([through, before]),
    };
    const { branch } = service.repository;
    const maintenance = createMaintenance({ branch, journal, clock, stateDir, journalKeepDays: () => keepDays });
    await maintenance.run(2);
    assert.equal(pruned, [], 'not in the first hour');
    for (let day = 0; day < keepDays; day += 1) {
      clock.advance(DAY_MS);
      await maintenance.run(2 + day);
    }
    assert.equal(pruned, [], 'not before');
    clock.advance(DAY_MS);
    await maintenance.run(2 + keepDays);
    assert.is(pruned[0]?.[0], 2, `what the watermark was ${keepDays} days ago`);
    assert.ok(clock.now().getTime() - (pruned[0]?.[1].getTime() ?? 0) >= keepDays * DAY_MS - 1_000);
  });
}

test.run();
