import { createHmac } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeHook } from '../../controller/server/webhook.ts';

const SECRET = 'shared between two';
const body = Buffer.from('{"ref":"refs/heads/main"}');
const hmac = (secret: string, bytes = body) => `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
for (const [name, headers, secret, verdict] of [
  ['GitHub, signed', { 'x-hub-signature-256': hmac(SECRET) }, SECRET, 'genuine'],
  ['GitHub, another secret', { 'x-hub-signature-256': hmac('other') }, SECRET, 'forged'],
  ['GitHub, another body', { 'x-hub-signature-256': hmac(SECRET, Buffer.from('{}')) }, SECRET, 'forged'],
  ['GitHub, cut short', { 'x-hub-signature-256': hmac(SECRET).slice(0, -1) }, SECRET, 'forged'],
  ['GitHub, said twice', { 'x-hub-signature-256': [hmac(SECRET), hmac(SECRET)] }, SECRET, 'forged'],
  ['GitLab, its token', { 'x-gitlab-token': SECRET }, SECRET, 'genuine'],
  ['GitLab, another token', { 'x-gitlab-token': `${SECRET}!` }, SECRET, 'forged'],
  ['GitLab token beside a wrong signature', { 'x-gitlab-token': SECRET, 'x-hub-signature-256': 'x' }, SECRET, 'forged'],
  ['nothing', {}, SECRET, 'unsigned'],
  ['an empty token where no secret is set', { 'x-gitlab-token': '' }, '', 'forged'],
  ['signed with the empty secret', { 'x-hub-signature-256': 'sha256=00' }, '', 'forged'],
] as const) {
  test(`hook: ${name} is ${verdict}`, async () => {
    assert.is(await judgeHook({ headers, body: [body] }, secret), verdict);
  });
}

test.run();
