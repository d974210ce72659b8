// The documents link one another and the source: each link leads somewhere, each anchor to a heading.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'uvu';
import { none, ROOT } from './support/source-tree.ts';

const DOCUMENTS = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8').replace(/^```[\s\S]*?^```/gm, '');

/** The anchors that a forge makes of a document's headings, and those that stand in it as HTML. */
function anchors(path: string): ReadonlySet<string> {
  const text = textOf(path);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...headings, ...[...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id)]);
}

for (const path of DOCUMENTS) {
  test(`${path}: each link leads somewhere`, () => {
    const links = [...textOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const dead = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : normalize(join(dirname(path), file));
        return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchors(target).has(anchor));
      });
    none(dead, 'mend the link');
  });
}

test.run();
