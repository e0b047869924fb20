import { createClient } from './http.ts';
import { quantile } from './rounds.ts';

export interface ReadLatency {
  p50Ms: number;
  p99Ms: number;
  servedBy: string;
}

/**
 * The reads that are timed, by name. Rankings are cached for a moment by their limit, so each asks for another one.
 */
const paths: Readonly<Record<string, (turn: number) => string>> = {
  'a count, 1 h': () => '/api/statistics?eventType=PAGE_VIEW&componentId=1000&window=1h',
  'a count, all time': (turn) => `/api/statistics?eventType=LIKE&postId=${1 + turn}&window=all`,
  'a count by two filters, 24 h': (turn) =>
    `/api/statistics?eventType=CLICK&componentId=1002&postId=${1 + turn}&window=24h`,
  'top keywords, 24 h': (turn) => `/api/statistics/keywords/top?window=24h&limit=${1 + (turn % 100)}`,
  'top keywords, all time': (turn) => `/api/statistics/keywords/top?window=all&limit=${1 + (turn % 100)}`,
  'recent keywords of a user': (turn) => `/api/search/recent/${1 + (turn % 100)}`,
};

export const readNames = Object.keys(paths);

/** One read after the other, on an otherwise idle system. Throws when one is not answered with 200. */
export async function timeReads(url: string, turns: number): Promise<Record<string, ReadLatency>> {
  const client = createClient(url);
  const latencies: Record<string, ReadLatency> = {};
  try {
    for (const [name, pathOf] of Object.entries(paths)) {
      const times: number[] = [];
      let servedBy = '';
      for (let turn = 0; turn < turns; turn += 1) {
        const began = performance.now();
        const answer = await client.get(pathOf(turn));
        times.push(performance.now() - began);
        if (answer.status !== 200) throw new Error(`${pathOf(turn)} was answered with ${answer.status}`);
        servedBy = answer.servedBy ?? '';
      }
      latencies[name] = { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), servedBy };
    }
  } finally {
    client.close();
  }
  return latencies;
}
