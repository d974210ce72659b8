import { type Alias, isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, type YAMLMap } from 'yaml';
import type { Json } from '../values/json.ts';
import { printable } from '../values/text.ts';

/** Aliases multiply: what they stand for is counted each time, so that a bomb of a few lines stays small (R04). */
const LIMITS = { aliases: 100, nodes: 20_000 } as const;
/** How many levels a document may be nested (R04). */
export const DEEPEST = 100;

/** The tags that JSON's values have in YAML; `!!timestamp` or `!!binary` would bring others. */
const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** Leads one level down a value: a key of a mapping or an index of a list. */
export type PathKey = string | number;

interface TreeFault {
  readonly offset: number;
  readonly message: string;
}

/** What the nodes of one document say. */
export interface Tree {
  readonly value: Json;
  /** The first thing that R04 forbids. */
  readonly fault: TreeFault | null;
  /** The offset of what a path leads to, or of the nearest parent that the file has. */
  offset(path: readonly PathKey[], which: 'key' | 'value'): number;
  /** The text of the scalar that a path leads to, as it stands in the file; null where there is none. */
  source: SourceText;
  /** Whether a whole number is too large to be kept exactly. */
  readonly isRounded: boolean;
}

/** What stands in a file for a value that has more than one spelling: `1.10`, `007`, `0x1F`. */
export type SourceText = (path: readonly PathKey[]) => string | null;

/** The plain value of a document's nodes. What `toJS` of yaml leaves to luck is decided here: tags, aliases, keys. */
export function readTree(root: ParsedNode | null): Tree {
  const walk: Walk = {
    anchors: new Map(),
    targets: new Map(),
    open: new Set(),
    aliases: 0,
    nodes: 0,
    isRounded: false,
    fault: null,
  };
  const value = toValue(root, walk);
  return {
    value,
    fault: walk.fault,
    offset: (path, which) => find(root, path, which, walk.targets).offset,
    source(path) {
      const { node } = find(root, path, 'value', walk.targets);
      return isScalar(node) ? (node.source ?? null) : null;
    },
    isRounded: walk.isRounded,
  };
}

/** What is known while a tree becomes a value. */
interface Walk {
  readonly anchors: Map<string, ParsedNode>;
  /** What each alias stands for, for looking positions up. */
  readonly targets: Map<ParsedNode, ParsedNode>;
  /** The anchored nodes around the present one: an alias to one of them never ends. */
  readonly open: Set<ParsedNode>;
  aliases: number;
  nodes: number;
  isRounded: boolean;
  fault: TreeFault | null;
}

function toValue(node: ParsedNode | null, walk: Walk): Json {
  if (node === null || walk.fault) return null;
  if (++walk.nodes > LIMITS.nodes) refuse(walk, node, `more than ${LIMITS.nodes} values: split the document`);
  if (isAlias(node)) return aliased(node, walk);
  if (node.tag && !CORE_TAGS.has(node.tag)) {
    refuse(walk, node, `the tag ${node.tag} is not allowed: only plain YAML values are`);
  }
  if (node.anchor) walk.anchors.set(node.anchor, node);
  if (isScalar(node)) {
    if (typeof node.value === 'string' && !node.value.isWellFormed()) {
      refuse(walk, node, 'half of a surrogate pair is no text');
    }
    if (Number.isInteger(node.value) && !Number.isSafeInteger(node.value)) walk.isRounded = true;
    return Object.is(node.value, -0) ? 0 : (node.value as Json);
  }
  walk.open.add(node);
  if (walk.open.size > DEEPEST) refuse(walk, node, `nested deeper than ${DEEPEST} levels`);
  const value = isMap(node) ? mapping(node, walk) : node.items.map((item) => toValue(item as ParsedNode, walk));
  walk.open.delete(node);
  return value;
}

function refuse(walk: Walk, node: ParsedNode, message: string): void {
  walk.fault ??= { offset: node.range[0], message };
}

function aliased(node: Alias.Parsed, walk: Walk): Json {
  const target = walk.anchors.get(node.source);
  if (!target) refuse(walk, node, `no anchor &${node.source} stands before this alias`);
  else if (walk.open.has(target)) refuse(walk, node, `the alias *${node.source} contains itself`);
  else if (++walk.aliases > LIMITS.aliases) refuse(walk, node, `more than ${LIMITS.aliases} aliases`);
  if (!target || walk.fault) return null;
  walk.targets.set(node, target);
  return toValue(target, walk);
}

function mapping(node: YAMLMap.Parsed, walk: Walk): Json {
  const keys = new Set<string>();
  const entries: [string, Json][] = [];
  for (const pair of node.items) {
    const key = keyOf(pair);
    const offset = pair.key.range[0];
    if (key === null) walk.fault = { offset, message: 'a key must be plain text' };
    else if (keys.has(key)) walk.fault = { offset, message: `the key ${JSON.stringify(key)} stands twice` };
    if (key === null || walk.fault) break;
    keys.add(key);
    entries.push([key, toValue(pair.value, walk)]);
  }
  return Object.fromEntries(entries); // own properties only: `__proto__` is a key like any other
}

function keyOf(pair: Pair<ParsedNode, ParsedNode | null>): string | null {
  return isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : null;
}

/** What a path leads to, and its offset; without it null, and the offset of the nearest parent that the file has. */
function find(
  root: ParsedNode | null,
  path: readonly PathKey[],
  which: 'key' | 'value',
  targets: ReadonlyMap<ParsedNode, ParsedNode>,
): { readonly offset: number; readonly node: ParsedNode | null } {
  let node = root;
  let offset = root?.range[0] ?? 0;
  for (const [index, key] of path.entries()) {
    node = (node && targets.get(node)) ?? node;
    const pair = isMap(node) ? node.items.find((each) => keyOf(each) === key) : undefined;
    const next = isSeq(node) ? (node.items[Number(key)] as ParsedNode | undefined) : pair?.value;
    if (!pair && !next) return { offset, node: null };
    const keyOffset = pair?.key.range[0];
    const wantsKey = which === 'key' && index === path.length - 1;
    offset = (wantsKey ? keyOffset : undefined) ?? next?.range[0] ?? keyOffset ?? offset;
    node = next ?? null;
  }
  return { offset, node: (node && targets.get(node)) ?? node };
}

/** A path as problems name it: `Payload[0].Payload.Profile`; `$` is the document itself. */
export function pathText(path: readonly PathKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${cut(key)}`)).join('');
  return text === '' ? '$' : printable(text.replace(/^\./, ''));
}

function cut(key: string): string {
  return key.length > 80 ? `${key.slice(0, 79)}…` : key;
}
