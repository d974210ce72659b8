import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Authored } from '../../controller/publish/manifest-commits.ts';
import { createManifestWriter, ProblemsFound } from '../../controller/server/api/manifest-writer.ts';
import { HttpError } from '../../controller/server/http.ts';
import type { FleetFile } from '../../definitions/manifest/file.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import { kindOf } from '../../definitions/manifest/reading.ts';
import { job } from '../support/service.ts';

const MACHINE = 'ID: machine-1\nEndpoint: https://10.0.0.1\n';
const bytes = (text: string) => new TextEncoder().encode(text);

/** A branch in memory: what each look finds, and what each push comes to. */
function branch(
  outcomes: readonly (Authored | ((files: Map<string, string>) => Authored))[],
  forbidden: string | null = null,
) {
  const files = new Map([
    ['machines/m.yaml', MACHINE],
    ['jobs/a.yaml', JSON.stringify(job())],
  ]);
  const asked = [...outcomes];
  let tip = 1;
  let inForce = 1;
  let passes = 0;
  const writer = createManifestWriter({
    forbidden,
    authoring: {
      async write() {
        const next = asked.shift() ?? { outcome: 'Offline', reason: 'no more' };
        const authored = typeof next === 'function' ? next(files) : next;
        if (authored.outcome === 'Pushed' || authored.outcome === 'Moved') tip += 1;
        return authored;
      },
      contains: async (commit, ancestor) => Number(commit) >= Number(ancestor),
    },
    async reconcile() {
      passes += 1;
      if (passes % 2 === 1 || tip === 1) inForce = Math.max(inForce, Math.min(tip, inForce + 1));
    },
    latest: () =>
      new Map(
        [...files].map(([path, text]): [string, FleetFile] => {
          return [path, { blob: `blob of ${text}`, reading: readFile(kindOf(path) ?? 'job', bytes(text)) }];
        }),
      ),
    commit: () => String(inForce),
    read: async (_commit, path) => bytes(files.get(path) ?? ''),
    pause: async () => undefined,
  });
  const plans: string[] = [];
  const change = (text = JSON.stringify(job({ Name: 'Other' }))) =>
    writer.write('alice', async (base) => {
      plans.push(base.commit);
      return { files: new Map([['jobs/a.yaml', text]]), subject: 'Change' };
    });
  return { change, plans, inForce: () => inForce };
}

async function refusal(work: Promise<unknown>): Promise<HttpError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HttpError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

test('the answer comes when the very commit is in force', async () => {
  const { change, inForce } = branch([{ outcome: 'Pushed', commit: '2' }]);
  assert.is(await change(), '2');
  assert.ok(inForce() >= 2);
});

test('a moved tip with another file changed: done again on the new tip', async () => {
  const moved = (files: Map<string, string>): Authored => {
    files.set('jobs/b.yaml', JSON.stringify(job()));
    return { outcome: 'Moved' };
  };
  const { change, plans } = branch([moved, { outcome: 'Pushed', commit: '3' }]);
  assert.is(await change(), '3');
  assert.is(plans.length, 2);
});

test('a moved tip with the same file changed: 409, and no second attempt', async () => {
  const moved = (files: Map<string, string>): Authored => {
    files.set('jobs/a.yaml', JSON.stringify(job({ Suspend: true })));
    return { outcome: 'Moved' };
  };
  const { change } = branch([moved, { outcome: 'Pushed', commit: '3' }]);
  const { status, message } = await refusal(change());
  assert.is(status, 409);
  assert.match(message, /jobs\/a\.yaml was changed by somebody else/);
});

const OUTCOMES: readonly (readonly [Authored, number])[] = [
  [{ outcome: 'Refused', reason: 'pre-receive hook declined' }, 403],
  [{ outcome: 'InTheWay', reason: 'a merge is under way' }, 409],
  [{ outcome: 'Offline', reason: 'could not resolve host' }, 503],
];
for (const [outcome, status] of OUTCOMES) {
  test(`${outcome.outcome} is ${status}, and says why`, async () => {
    const refused = await refusal(branch([outcome]).change());
    assert.is(refused.status, status);
    assert.ok('reason' in outcome && refused.message.includes(outcome.reason));
  });
}

test('others who are always faster: 409 after some attempts', async () => {
  const { status } = await refusal(branch(Array.from({ length: 20 }, () => ({ outcome: 'Moved' }) as const)).change());
  assert.is(status, 409);
});

test('R45: where commits must be signed nothing is even tried', async () => {
  const { change, plans } = branch([{ outcome: 'Pushed', commit: '2' }], 'commits must be signed here');
  assert.is((await refusal(change())).status, 403);
  assert.is(plans.length, 0);
});

test('R01: what the controller would refuse is refused before it is a commit', async () => {
  const { change } = branch([{ outcome: 'Pushed', commit: '2' }]);
  const refused = await refusal(change(JSON.stringify(job({ Machines: ['machine-2'], Action: 'Nothing' }))));
  assert.instance(refused, ProblemsFound);
  assert.is(refused.status, 400);
});

test.run();
