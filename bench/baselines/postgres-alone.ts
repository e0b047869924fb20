/**
 * PostgreSQL alone: the very statements that the ledger sent for a backlog, with their values, from a file. No queue,
 * no decoding, no deciding, no views. Nothing waits for an answer within a transaction, as the ledger has to: each is
 * sent whole, and the next one follows on its connection when it is committed.
 *
 * Arguments: URL of a fresh database, the file, connections. Ends with one line of JSON: events a second, from the end
 * of the first commit to that of the last, without the events of the first.
 */
import { readFileSync } from 'node:fs';
import { createPool } from '@event-tracker/storage';
import type { SentCommit } from '../kit/commits.ts';

const [url = '', file = '', connections = ''] = process.argv.slice(2);
const commits = readFileSync(file, 'utf8')
  .split('\n')
  .map((line): SentCommit => JSON.parse(line));
const pool = createPool({
  url,
  applicationName: 'bench',
  max: Number(connections),
  connectTimeoutMs: 5000,
  queryTimeoutMs: 60_000,
  onError: () => {},
});

let next = 0;
let first: { at: number; events: number } | undefined;

async function sendSome(): Promise<void> {
  const client = await pool.connect();
  for (let commit = commits[next++]; commit; commit = commits[next++]) {
    await Promise.all(commit.statements.map((statement) => client.query(statement)));
    first ??= { at: performance.now(), events: commit.events };
  }
  client.release();
}

await Promise.all(Array.from({ length: Number(connections) }, sendSome));
const seconds = (performance.now() - first!.at) / 1000;
const events = commits.reduce((count, commit) => count + commit.events, 0) - first!.events;
await pool.end();
console.log(JSON.stringify({ eventsPerSecond: events / seconds, seconds, commits: commits.length }));
