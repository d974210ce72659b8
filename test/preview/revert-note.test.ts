import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { revertNote } from '../../definitions/preview/revert-note.ts';
import { jobOf } from '../support/jobs.ts';

for (const [Action, more, note] of [
  ['PatchProfile', {}, null],
  ['PatchProfile', { OnFailure: 'Revert' }, 'where it fails, what it has set on that machine is put back'],
  ['ResetSystem', {}, 'what it does cannot be taken back: that a host restarted cannot be undone'],
  ['ResetManager', {}, 'what it does cannot be taken back: that a BMC restarted cannot be undone'],
  [
    'SetPowerState',
    {},
    'what it does cannot be taken back: a host is switched on or off by whoever needs it so, and by no revert',
  ],
] as const) {
  test(`V09 R66 before its first run a job of ${Action} ${JSON.stringify(more)} says: ${note}`, () => {
    assert.is(revertNote(jobOf('a', { Action, ...more })), note);
  });
}

test.run();
