/**
 * Draws a rank by its weight at the same small cost for any number of ranks (Walker's alias method): the table holds a
 * slot a rank, each shared by at most two ranks, so that one random slot and one comparison decide.
 *
 * @param random numbers in [0, 1)
 */
export function weightedRanks(weights: Float64Array, random: () => number): () => number {
  const count = weights.length;
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / count;
  // The share of its slot that a rank keeps for itself; the rest is its partner's.
  const share = weights.map((weight) => weight / mean);
  const partner = new Uint32Array(count);
  const small: number[] = [];
  const large: number[] = [];
  for (let rank = 0; rank < count; rank += 1) (share[rank]! < 1 ? small : large).push(rank);
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop()!;
    const rich = large[large.length - 1]!;
    partner[poor] = rich;
    share[rich]! -= 1 - share[poor]!;
    if (share[rich]! < 1) small.push(large.pop()!);
  }
  // What is left is full but for rounding.
  for (const rank of [...small, ...large]) share[rank] = 1;

  return () => {
    const at = random() * count;
    const slot = Math.floor(at);
    return at - slot < share[slot]! ? slot : partner[slot]!;
  };
}

/** Zipf's law: the second rank is half as frequent as the first, the third a third. */
export function zipf(ranks: number): Float64Array {
  return Float64Array.from({ length: ranks }, (_, at) => 1 / (at + 1));
}
