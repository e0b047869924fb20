/**
 * Measures every side once a round, in the order A B C, then C B A, and so on: what drifts on the machine meanwhile
 * touches all sides alike.
 */
export async function inTurn<Side extends string, Figures>(options: {
  sides: Readonly<Record<Side, () => Promise<Figures>>>;
  rounds: number;
  onMeasured(round: number, side: Side, figures: Figures): void;
}): Promise<Record<Side, Figures[]>> {
  const { sides, rounds, onMeasured } = options;
  const names = Object.keys(sides) as Side[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as Figures[]])) as Record<
    Side,
    Figures[]
  >;
  for (let round = 1; round <= rounds; round += 1) {
    for (const side of round % 2 === 1 ? names : names.toReversed()) {
      const figures = await sides[side]();
      measured[side].push(figures);
      onMeasured(round, side, figures);
    }
  }
  return measured;
}

/** The value below which a share of the values lies; the middle between two where it falls between them. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** One side over the other, round by round: the rounds of a run are pairs, their medians are not. */
export function ratios(over: readonly number[], under: readonly number[]): number[] {
  return over.map((value, round) => value / under[round]!);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
