// The schemas beside the documents, with an $id below the site where SITE_URL says where that is.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const from = new URL('../../schemas/', import.meta.url);
const to = new URL('../public/schemas/', import.meta.url);
const site = process.env.SITE_URL?.replace(/\/$/, '');

mkdirSync(to, { recursive: true });
for (const name of readdirSync(from)) {
  const schema = JSON.parse(readFileSync(new URL(name, from), 'utf8'));
  const placed = site ? { ...schema, $id: `${site}/schemas/${name}` } : schema;
  writeFileSync(new URL(name, to), `${JSON.stringify(placed, null, 2)}\n`);
}
