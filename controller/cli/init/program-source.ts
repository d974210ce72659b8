import { UsageError } from '../exit-code.ts';

/** Where CI gets this program from: bytes that a digest names, so that nobody can change them later. */
export type ProgramSource =
  | { readonly kind: 'container'; readonly image: string }
  | { readonly kind: 'tarball'; readonly url: string; readonly sha256: string };

const NAME = '[a-z0-9][a-z0-9._-]*';
/** `registry:port/path/name:tag@sha256:digest` */
const IMAGE = new RegExp(
  `^${NAME}(?::\\d{1,5})?(?:/${NAME})*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?@sha256:[0-9a-f]{64}$`,
);
const TARBALL = /^(https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/[A-Za-z0-9._~%/+-]+\.tgz)#sha256=([0-9a-f]{64})$/;

/**
 * What `--ci-from` says.
 * @param prefix where the fleet is, as it will stand in a workflow's commands
 * @throws UsageError
 */
export function programSource(text: string, prefix = ''): ProgramSource {
  if (!/^(?!-)[A-Za-z0-9._/-]*$/.test(prefix)) {
    throw new UsageError(`--path ${prefix}: a workflow can name it with letters, digits and . _ - / alone`);
  }
  if (IMAGE.test(text)) return { kind: 'container', image: text };
  const [, url, sha256] = TARBALL.exec(text) ?? [];
  if (url !== undefined && sha256 !== undefined) return { kind: 'tarball', url, sha256 };
  throw new UsageError(
    `--ci-from ${text}: name an image by its digest (registry.example/bmcron@sha256:…) or a tarball with its checksum (https://…/bmcron-1.2.3.tgz#sha256=…)`,
  );
}
