// Builds dist/: one bundle, in parts that load when they are needed. A start then reads a few files instead of several
// hundred, which halves what every command costs before it does anything.
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Evaluates this package when it is called first: while it loads, it makes a pattern of a thousand letters for each of
 * twenty languages, and only the Name of a document among several needs one (R17).
 */
const slugifyWhenCalled = {
  name: 'slugify-when-called',
  setup({ onResolve, onLoad }) {
    const namespace = 'when-called';
    onResolve({ filter: /^@sindresorhus\/slugify$/ }, ({ path, namespace: asking }) =>
      asking === namespace ? undefined : { path, namespace },
    );
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `export default (...args) => require(${JSON.stringify(path)}).default(...args);`,
      resolveDir: import.meta.dirname,
    }));
  },
};

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { 'controller/main': 'controller/main.ts' },
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  plugins: [slugifyWhenCalled],
  external: ['resources', 'sdk-trace-base', 'exporter-trace-otlp-*'].map((name) => `@opentelemetry/${name}`), // optional
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
  format: 'esm',
  platform: 'node',
  target: 'node20',
});
cpSync('controller/server/page', 'dist/chunks/page', { recursive: true }); // beside the code that serves it
chmodSync('dist/controller/main.js', 0o755);
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licences(Object.keys(metafile.inputs)));

/** The licences of the packages that are in the bundle, as each asks that they go with it. */
function licences(inputs) {
  const folders = inputs.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter(Boolean))].sort().map(licence).join('\n');
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : license;
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`;
}
