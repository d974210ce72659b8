// Measures one case at the sizes of a scale and sends the rows to the parent. See run.ts.
import { CASES } from './cases.ts';
import type { Row, Scale } from './row.ts';

const [name, scale = 'full'] = process.argv.slice(2) as [string, Scale];
const found = CASES.find((each) => each.name === name);
if (!found) throw new Error(`no case ${name}`);
const rows: Row[] = [];
for (const n of found.sizes[scale]) {
  for (const row of await found.measure(n, scale)) {
    const { ours, floor, ratio, spread } = row;
    console.error(
      `  ${row.case} ${n}: ${ours.toFixed(2)} / ${floor.toFixed(2)} = ${ratio.toFixed(2)} ±${(spread * 100).toFixed(0)} %`,
    );
    rows.push(row);
  }
}
process.send?.(rows);
process.disconnect?.();
