import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { preview } from '../../definitions/preview/preview.ts';
import { codeSpan, markdown, plainText } from '../../definitions/report/markdown.ts';
import { previewReport } from '../../definitions/report/preview-report.ts';
import { machines, view } from '../support/pull-request.ts';

const parser = new MarkdownIt({ html: true, linkify: true });
const HOSTILE = [
  '@everyone please merge',
  '`code` @admin `',
  '``` fence',
  '<img src=x onerror=alert(1)>',
  '</details><script>alert(1)</script>',
  '[click](https://evil.example)',
  '![x](https://evil.example/x.png)',
  'https://evil.example #1 GH-1',
  'a | b | c',
  '<!-- hidden',
  '**bold** ~~gone~~ &#64;admin',
  '\\` @admin \\`',
];

/** The text of a rendering outside code: what links, mentions and tags could be made of. */
function outsideCode(text: string): string {
  const tokens = parser.parse(text, {}).flatMap((token) => token.children ?? [token]);
  return tokens.map((token) => (token.type === 'code_inline' ? '' : token.content)).join(' ');
}

for (const text of HOSTILE) {
  test(`a code span keeps ${JSON.stringify(text)} as text`, () => {
    const tokens = parser.parse(`- x ${codeSpan(text)} y`, {}).flatMap((token) => token.children ?? []);
    assert.equal(
      tokens.map(({ type }) => type),
      ['text', 'code_inline', 'text'],
    );
    assert.is(tokens[1]?.content, text);
  });
}

test('a code span holds whatever it is given', () => {
  const anything = fc.string({ unit: fc.constantFrom('`', ' ', '|', '\\', '<', '@', 'a', '*', '\n'), maxLength: 20 });
  fc.assert(
    fc.property(anything, (text) => {
      const tokens = parser.parse(`- x ${codeSpan(text)} y`, {}).flatMap((token) => token.children ?? []);
      const [first, second, third] = tokens.map(({ type }) => type);
      if (text.trim() === '' && !text.includes('\n')) return assert.is(first, 'text');
      assert.equal([first, second, third, tokens.length], ['text', 'code_inline', 'text', 3]);
      assert.is(tokens[1]?.content, text.replaceAll('\n', '\\u000a'));
    }),
  );
});

test('a plan of hostile manifests mentions nobody, links nowhere and holds no HTML of theirs', () => {
  const base = view({ 'machines/all.yaml': machines(1) });
  const files: Record<string, string> = { 'machines/all.yaml': machines(1) };
  for (const [index, text] of HOSTILE.entries()) {
    const value = JSON.stringify(text);
    files[`jobs/j${index}.yaml`] =
      `{Name: ${value}, Machines: [m1], Action: PatchManager, Payload: {ManagerID: ${value}, Payload: {ServiceIdentification: ${value}}}, Schedule: {Type: Once, Time: "12:00:00"}}`;
    files[`jobs/bad${index}.yaml`] = `{${value}: 1, Name: ${value}, Action: ${value}}`;
    files[`jobs/${text.replaceAll('/', '')}.yaml`] = 'Name: 1';
  }
  const story = previewReport(
    preview({ base, head: view(files), now: new Date('2026-03-10T12:00:00Z'), count: 1, finished: new Set() }),
  );
  const outside = outsideCode(markdown(story, 60_000));
  for (const word of ['@', 'evil', 'script', '<img', 'alert', 'bold', '#1'])
    assert.not.ok(outside.includes(word), `${word} in ${outside}`);
  assert.not.match(plainText(story), /\p{Cc}(?<!\n)/u);
});

test.run();
