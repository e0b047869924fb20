import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin } from '@event-tracker/testing';

const everyMs = 100;

export interface BooksWatch {
  /** Ends; answers how many looks there were, and those at which the books did not balance. */
  close(): Promise<{ looks: number; wrong: string[] }>;
}

/** Looks at the books of an API again and again, whatever goes on. */
export function watchBooks(url: string): BooksWatch {
  const wrong: string[] = [];
  let looks = 0;
  let ended = false;
  async function look(): Promise<void> {
    while (!ended) {
      const response = await fetch(`${url}/admin/ledger`, { headers: asAdmin });
      const answer = await response.text();
      looks += 1;
      if (response.status !== 200 || !(JSON.parse(answer) as { balanced: boolean | null }).balanced)
        wrong.push(`${response.status} ${answer}`);
      await pause(everyMs);
    }
  }
  const looking = look();
  looking.catch(() => {});
  return {
    async close() {
      ended = true;
      await looking;
      return { looks, wrong };
    },
  };
}
