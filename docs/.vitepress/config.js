// The documents as a site: npm ci --prefix docs && npm run --prefix docs build. A dead link fails the build.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Where the repository can be read, for links that leave docs/; without it they are plain words. */
const repository = process.env.REPOSITORY_URL;
/** A folder for each version: `/0.1/`, so that old links and schema IDs go on resolving. */
const base = process.env.SITE_BASE ?? '/';

// biome-ignore lint/style/noDefaultExport: VitePress reads the default export
export default defineConfig({
  title: 'bmcron',
  description: 'GitOps for baseboard management controllers',
  base,
  srcExclude: ['README.md'],
  cleanUrls: true,
  lastUpdated: false,
  markdown: {
    config(markdown) {
      markdown.core.ruler.push('leaving', leaving);
      // `{{` in code is text, and nothing for Vue
      const plain = markdown.renderer.rules.code_inline;
      markdown.renderer.rules.code_inline = (...args) => plain(...args).replace('<code', '<code v-pre');
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    nav: [{ text: version, link: '/upgrading' }],
    sidebar: [
      section('Begin', ['first-hour', 'cookbook', 'simulated-bmc', 'vendors', 'errors']),
      section('Look up', ['manifests', 'fields', 'actions', 'commands', 'rules']),
      section('Run it', ['operating', 'security', 'git', 'redfish', 'performance', 'scale-out', 'upgrading']),
      section('Change it', ['architecture']),
    ],
  },
});

function section(text, pages) {
  return { text, items: pages.map((page) => ({ text: titleOf(page), link: `/${page}` })) };
}

function titleOf(page) {
  const text = readFileSync(new URL(`../${page}.md`, import.meta.url), 'utf8');
  return /^# (.+)$/m.exec(text)[1];
}

/** Links to files of the repository that are no documents go to the repository, or are no links here. */
function leaving({ tokens }) {
  for (const { children } of tokens) {
    for (const [index, token] of (children ?? []).entries()) {
      const href = token.attrGet?.('href');
      if (token.type !== 'link_open' || !href?.startsWith('../')) continue;
      const path = href.replace(/^(\.\.\/)+/, '');
      if (/^schemas\/.+\.json$/.test(path)) token.attrSet('href', `${base}${path}`);
      else if (repository) token.attrSet('href', `${repository}/${path}`);
      else {
        Object.assign(token, { type: 'code_open', tag: 'span', attrs: [] });
        const close = children.slice(index).find(({ type }) => type === 'link_close');
        Object.assign(close, { type: 'code_close', tag: 'span' });
      }
    }
  }
}
