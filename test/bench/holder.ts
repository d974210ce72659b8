// The floor of `memory`: a process that holds the parsed manifests of a fleet and does nothing with them.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

const files = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as [string, string][];
const held = new Map(files.map(([path, text]) => [path, parseAllDocuments(text).map((each) => each.toJS())]));
setInterval(() => held.size, 60_000);
console.log('held');
