const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/**
 * The shard of a key: what folds write under one key always belongs to one shard. FNV-1a of 32 bits, over UTF-16 code
 * units (http://www.isthe.com/chongo/tech/comp/fnv/). All processes, of every release, have to agree on it.
 */
export function shardOf(key: string, shards: number): number {
  let hash = offsetBasis;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), prime);
  // The low bits of FNV-1a depend on the low bits of its input alone.
  return ((hash ^ (hash >>> 15)) >>> 0) % shards;
}
