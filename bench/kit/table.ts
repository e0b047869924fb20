import { median } from './rounds.ts';

/** Three digits that count, at least; thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The median, with the lowest and the highest of the rounds. */
export function spread(values: readonly number[]): string {
  const middle = figure(median(values));
  if (values.length < 2 || values.every(Number.isNaN)) return middle;
  return `${middle} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
}

export interface Column<Row> {
  head: string;
  cell(row: Row, at: number): string | number;
}

/** A Markdown table, aligned for the screen. The first column is text, the others are figures. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ head }) => head),
    ...rows.map((row, at) => columns.map(({ cell }) => String(cell(row, at)))),
  ];
  const widths = columns.map((_, at) => Math.max(3, ...lines.map((line) => line[at]!.length)));
  const text = lines.map((line) =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))),
  );
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [text[0]!, rule, ...text.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
