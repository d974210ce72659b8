// `Notifications` of bmcron.yaml: what is refused, by its place, and what is filled in.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../definitions/values/json.ts';
import { fleetOfTexts, problemsOfFleet } from '../support/fleet-texts.ts';

const HOOK = { Name: 'oncall', Format: 'Webhook', SecretRef: 'oncall' };
const MAIL = {
  Name: 'mail',
  Format: 'Email',
  SecretRef: 'mail',
  Sender: 'bmcron@example.com',
  Recipients: ['a@example.com'],
};

function fleetWith(...Notifications: readonly JsonObject[]) {
  return fleetOfTexts({ 'bmcron.yaml': { Notifications } });
}

test('what a receiver leaves out has its default', () => {
  const { settings, problems } = fleetWith(HOOK, MAIL);
  assert.equal(problems, []);
  const [hook, mail] = settings?.Notifications ?? [];
  assert.is(hook?.GroupWait, '30s');
  assert.is(hook?.Repeat, '12h');
  assert.is(hook?.JobSelector, null);
  assert.ok(hook?.On.includes('RunFailed') && hook.On.includes('ControllerUnhealthy'));
  assert.equal(mail?.Recipients, ['a@example.com']);
});

/** Receivers → where the problem stands, and a word of it. */
const REFUSED: readonly (readonly [string, string, ...(readonly JsonObject[])])[] = [
  ['Notifications[1].Name', 'the name is taken, by Notifications[0]', HOOK, { ...MAIL, Name: 'oncall' }],
  ['Notifications[0].Name', '1 to 63 letters', { ...HOOK, Name: '__proto__' }],
  ['Notifications[0].SecretRef', '1 to 63 letters', { ...HOOK, SecretRef: '../elsewhere' }],
  ['Notifications[0].Format', 'Webhook', { ...HOOK, Format: 'Pigeon' }],
  ['Notifications[0].On[0]', 'RunFailed', { ...HOOK, On: ['Everything'] }],
  ['Notifications[0].On', 'at least one', { ...HOOK, On: [] }],
  ['Notifications[0].GroupWait', 'a duration such as 30s', { ...HOOK, GroupWait: 'soon' }],
  ['Notifications[0].Repeat', 'longer than ten years', { ...HOOK, Repeat: '999999999d' }],
  ['Notifications[0].Recipients', 'Recipients is for Format: Email', { ...HOOK, Recipients: ['a@example.com'] }],
  ['Notifications[0].Sender', 'Sender is missing', { ...MAIL, Name: 'x', Sender: undefined } as unknown as JsonObject],
  [
    'Notifications[0].Recipients[0]',
    'a mail address such as',
    { ...MAIL, Recipients: ['a@example.com\r\nBcc: b@evil.example'] },
  ],
  ['Notifications[0].Recipients[0]', 'a mail address such as', { ...MAIL, Recipients: ['Ada <a@example.com>'] }],
  ['Notifications[0].Url', 'R42 "Url" is refused', { ...HOOK, Url: 'https://hooks.example/s3cret' }],
];

for (const [place, word, ...receivers] of REFUSED) {
  test(`R02 refused: ${place}: ${word}: ${JSON.stringify(receivers.at(-1))}`, () => {
    const fleet = fleetWith(...receivers);
    assert.is(fleet.settings, null);
    const [problem = ''] = problemsOfFleet(fleet);
    assert.ok(problem.startsWith(`bmcron.yaml ${place} `) && problem.includes(word), problem);
  });
}

test.run();
