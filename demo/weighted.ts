/** Picks an index by its weight, from a number in [0, 1). */
export function weighted(weights: readonly number[]): (at: number) => number {
  const sums: number[] = [];
  let total = 0;
  for (const weight of weights) {
    total += weight;
    sums.push(total);
  }
  return (at) => {
    const sought = at * total;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > sought) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** The weight of each rank by Zipf's law: the second is half as frequent as the first, the third a third. */
export function zipf(ranks: number): number[] {
  return Array.from({ length: ranks }, (_, at) => 1 / (at + 1));
}
