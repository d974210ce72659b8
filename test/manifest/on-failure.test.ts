import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { judgeOnFailure } from '../../definitions/manifest/payload.ts';

const IRREVERSIBLE = ['ResetManager', 'ResetSystem', 'SetPowerState'];

test('V09 R66 OnFailure: Revert is for what can be put back', () => {
  const refused = [...ACTIONS.values()].filter((action) => judgeOnFailure(action, 'Revert').length > 0);
  assert.equal(refused.map(({ name }) => name).sort(), IRREVERSIBLE);
  for (const action of refused) {
    const [objection] = judgeOnFailure(action, 'Revert');
    assert.equal([objection?.path, objection?.rule], [['OnFailure'], 'R66']);
    assert.match(objection?.message ?? '', `what ${action.name} does cannot be put back: `);
    assert.equal(judgeOnFailure(action, 'Keep'), []);
    assert.equal(judgeOnFailure(action, undefined), []);
  }
});

test.run();
