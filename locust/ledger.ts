import { setTimeout as sleep } from 'node:timers/promises';

const requestTimeoutMs = 5_000;
const pollMs = 500;

/** The books of the system, in events; `inFlight` and `missing` are null while it can't know them. */
export type Ledger = {
  received: number;
  duplicate: number;
  stored: number;
  dead: number;
  inFlight: number | null;
  missing: number | null;
};

export type LedgerAnswer =
  | { kind: 'read'; ledger: Ledger }
  /** It answers, but not with its books. */
  | { kind: 'refused'; reason: string }
  | { kind: 'unreachable'; reason: string };

/** Reads `GET /admin/ledger`; `token` is one of the server's `ADMIN_TOKENS`, if it has any. Never throws. */
export async function readLedger(host: string, token: string | undefined): Promise<LedgerAnswer> {
  const url = `${host}/admin/ledger`;
  try {
    const response = await fetch(url, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    const text = await response.text();
    if (response.status !== 200) return { kind: 'refused', reason: `${url} answered ${response.status}` };
    const ledger = parseLedger(text);
    return ledger ? { kind: 'read', ledger } : { kind: 'refused', reason: `${url} answered no ledger` };
  } catch (error) {
    const { message, cause } = error as Error;
    const detail =
      cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : undefined;
    return { kind: 'unreachable', reason: `${url}: ${detail ?? message}` };
  }
}

/**
 * Reads until nothing is in flight, `withinMs` have passed, or `signal` aborts, and gives the last answer. An answer
 * that is not the books does not end the wait: a busy or restarting server is what a load test may leave behind.
 */
export async function readSettledLedger(
  read: () => Promise<LedgerAnswer>,
  withinMs: number,
  signal: AbortSignal,
): Promise<LedgerAnswer> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await read();
    const settled = answer.kind === 'read' && answer.ledger.inFlight === 0;
    if (settled || signal.aborted || performance.now() >= deadline) return answer;
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

function parseLedger(text: string): Ledger | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const ledger = value as Partial<Ledger> | null;
  const counts = [ledger?.received, ledger?.duplicate, ledger?.stored, ledger?.dead];
  const unsure = [ledger?.inFlight, ledger?.missing];
  return counts.every(Number.isSafeInteger) && unsure.every((n) => n === null || Number.isSafeInteger(n))
    ? (ledger as Ledger)
    : undefined;
}
