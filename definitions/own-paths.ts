/** Below the fleet's root: the files that the service alone writes (R37). */
const OWN = [
  /^STATUS\.md$/,
  /^jobs\/.+\.status\.yaml$/,
  /^logs\/.+\.(json|ndjson)$/,
  /^\.bmcron\/([a-z0-9][a-z0-9-]{0,62}\.json|breaker\.yaml)$/,
];
/** Where the breaker stands, for the next controller. */
export const BREAKER_FILE = '.bmcron/breaker.yaml';
/** What a log of ours is called; somebody's notes in the same folder are not. */
const LOG = /^logs\/\d{4}\/\d{2}\/\d{2}\/[A-Za-z0-9][A-Za-z0-9._-]*\.(json|ndjson)$/;

/** Whether a path below the fleet's root is one that the service writes, and nobody else. */
export function isOwn(path: string): boolean {
  return OWN.some((each) => each.test(path)) && !/\p{Cc}|^"|(^|\/)(\.{1,2}|\.git)?(\/|$)/u.test(path);
}

/** Whether a path below the fleet's root is a log of the service. */
export function isLog(path: string): boolean {
  return LOG.test(path);
}

/** Where the service's paths are, below the fleet's root, for `diff-tree` and `ls-tree`. */
export const OWN_PLACES = ['STATUS.md', 'jobs', 'logs', '.bmcron'];

/** The manifests that a status file may stand beside. */
export function manifestsOf(statusPath: string): string[] {
  const stem = statusPath.replace(/\.status\.yaml$/, '');
  return ['.yaml', '.yml', '.json'].map((extension) => stem + extension);
}
