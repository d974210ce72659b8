// The promoted version is read at its commit, and that must be one of the history of the tip (R65).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadPromoted, type PromotedOptions, type Versions } from '../../controller/reconcile/promoted.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { withRollout } from '../../definitions/lifecycle/rollout-facts.ts';
import { effectOf } from '../../definitions/rollout/effect.ts';
import { factsOf, jobOf } from '../support/jobs.ts';
import { daily } from '../support/manifests.ts';

const [TIP, COMMIT] = ['a'.repeat(40), 'b'.repeat(40)];
const OLD = jobOf('night');
const Waves = [
  { Name: 'canary', Machines: ['machine-1'] },
  { Name: 'rest', Rest: true },
] as const;
const NEW = jobOf('night', { Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'Balanced' } }], Rollout: { Waves } });
const OTHER = daily({ Profile: 'Performance' });

for (const [what, isBelow, text, expected] of [
  ['it is there', true, daily(), OLD.spec.Payload],
  ['the commit is none of the history', false, daily(), undefined],
  ['the file says something else', true, OTHER, undefined],
  ['it is the second document', true, `${OTHER}---\n${daily()}`, OLD.spec.Payload],
  ['the file is no manifest', true, '{', undefined],
] as const) {
  test(`R65 ${what}: ${expected ? 'it can be kept' : 'nobody keeps it, and it is told'}`, async () => {
    const agenda = createAgenda();
    const ran = factsOf(OLD, { Status: 'Completed', AppliedCommit: COMMIT });
    agenda.put(NEW, withRollout(ran, NEW, { status: ran, file: 'jobs/old-name.yaml' }));
    const versions: Versions = new Map([['gone', OLD.spec]]);
    const told: string[] = [];
    const repository = {
      contains: async (tip: string, commit: string) => isBelow && tip === TIP && commit === COMMIT,
      read: async (commit: string, [file]: readonly string[]) =>
        new Map(
          commit === COMMIT && file === 'jobs/old-name.yaml' ? [[file, { bytes: Buffer.from(text), blob: '' }]] : [],
        ),
    } as unknown as PromotedOptions['repository'];
    const observe: PromotedOptions['observe'] = (event) => void told.push(JSON.stringify(event));
    await loadPromoted({ agenda, repository, versions, observe }, agenda.jobs, [], TIP);
    assert.equal(versions.get(effectOf(OLD.spec))?.Payload, expected);
    assert.is(told.length, expected ? 0 : 1, told.join());
    assert.is(versions.size, expected ? 1 : 0, 'what nobody wants is forgotten');
  });
}

test.run();
