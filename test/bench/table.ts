import type { Case, Row } from './row.ts';

/** The rows as a Markdown table, with how each case grows from one size to the next. */
export function table(rows: readonly Row[], cases: readonly Case[]): string {
  const lines = ['| case | n | ours | floor | unit | ratio | spread | bar |', '|---|--:|--:|--:|---|--:|--:|--:|'];
  for (const row of rows) {
    const { unit = 'ms', bar: given = null } = cases.find(({ name }) => name === row.case) ?? {};
    const bar = typeof given === 'function' ? given(row.n) : given;
    const ratio = `${row.ratio.toFixed(2)} ×${bar !== null && row.ratio > bar ? ' (!)' : ''}`;
    const cells = [row.case, grouped(row.n), digits(row.ours), digits(row.floor), unit, ratio];
    lines.push(
      `| ${[...cells, `±${(row.spread * 100).toFixed(0)} %`, bar === null ? '' : `≤ ${bar} ×`].join(' | ')} |`,
    );
  }
  return [...lines, '', ...growth(rows)].join('\n');
}

/** The exponent with which a case grows: 1 is linear, 0 does not depend on N. */
function growth(rows: readonly Row[]): string[] {
  return [...new Set(rows.map((row) => row.case))].flatMap((name) => {
    const sizes = rows.filter((row) => row.case === name).sort((a, b) => a.n - b.n);
    const steps = sizes.slice(1).map((row, index) => {
      const before = sizes[index] as Row;
      const power = Math.log(row.ours / before.ours) / Math.log(row.n / before.n);
      return `${grouped(before.n)} → ${grouped(row.n)}: ${(row.ours / before.ours).toFixed(2)} × (n^${power.toFixed(2)})`;
    });
    return steps.length === 0 ? [] : [`- growth of ${name}: ${steps.join(', ')}`];
  });
}

function digits(value: number): string {
  return value >= 100 ? grouped(Math.round(value)) : value.toPrecision(3);
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
