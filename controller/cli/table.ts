/** Rows below a head, in columns as wide as they need to be; `paint` colours a cell once it is padded. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paint: (cell: string, column: number) => string = (cell) => cell,
): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => all.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0));
  const line = (row: readonly string[], isHead: boolean) =>
    row
      .map((cell, column) => {
        const padded = column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0);
        return isHead ? padded : paint(padded, column);
      })
      .join('  ')
      .trimEnd();
  return `${all.map((row, index) => line(row, index === 0)).join('\n')}\n`;
}
