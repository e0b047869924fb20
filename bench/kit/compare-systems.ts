import type { Bench } from './part.ts';
import { inTurn, ratios } from './rounds.ts';
import { type System, thisSystem } from './system.ts';
import { figure, spread, table } from './table.ts';

interface Compared<Figures> {
  /** What is measured of each of both: such as `batches of 5`. */
  cases: Readonly<Record<string, (system: System) => Promise<Figures>>>;
  figures: Readonly<Record<string, (measured: Figures) => number>>;
}

/** Measures this checkout and the other commit in turn; comes back: a table with the ratios, this over the other. */
export async function compareSystems<Figures>(
  { versus, rounds, say }: Bench,
  { cases, figures }: Compared<Figures>,
): Promise<string> {
  const other = versus!;
  const sideOf = (name: string, system: System) => `${name}, ${system.name}`;
  const sides = Object.fromEntries(
    Object.entries(cases).flatMap(([name, measure]) =>
      [thisSystem, other].map((system) => [sideOf(name, system), () => measure(system)]),
    ),
  );
  const width = Math.max(...Object.keys(sides).map((side) => side.length));
  const measured = await inTurn({
    sides,
    rounds,
    onMeasured: (round, side, found) => {
      const shown = Object.entries(figures).map(([name, of]) => `${name} ${figure(of(found))}`);
      say(`  ${round}  ${side.padEnd(width)}  ${shown.join(', ')}`);
    },
  });
  const rows = Object.keys(cases).flatMap((name) =>
    Object.entries(figures).map(([what, of]) => ({
      name: `${name}: ${what}`,
      ours: measured[sideOf(name, thisSystem)]!.map(of),
      theirs: measured[sideOf(name, other)]!.map(of),
    })),
  );
  return table(
    [
      { head: '', cell: (row) => row.name },
      { head: 'this', cell: (row) => spread(row.ours) },
      { head: other.name, cell: (row) => spread(row.theirs) },
      { head: 'ratio', cell: (row) => spread(ratios(row.ours, row.theirs)) },
    ],
    rows,
  );
}
