import { useSignal } from '@preact/signals';
import { ask } from '../shell/api.ts';
import { messages } from '../shell/preferences.ts';

type Entry = 'received' | 'stored' | 'duplicate' | 'dead' | 'inFlight' | 'missing';

interface Compared {
  balanced: boolean | null;
  reasons?: string[];
}

/**
 * Whether the books balance as they were entered, which costs nothing, and, asked for, whether the rows agree: those of each
 * day without a kept count are counted for it.
 */
export function Balance({ books }: { books: Record<Entry, number | null> }) {
  const t = messages.value;
  const compared = useSignal<Compared | undefined>(undefined);
  const comparing = useSignal(false);
  const failure = useSignal('');
  const balanced = compared.value?.balanced === false ? false : asEntered(books);

  async function compare(): Promise<void> {
    comparing.value = true;
    try {
      compared.value = await ask<Compared>('admin/ledger');
      failure.value = '';
    } catch (cause) {
      failure.value = (cause as Error).message || t.away;
    }
    comparing.value = false;
  }

  return (
    <>
      <div class="card-head">
        <h3>
          {t.books}{' '}
          <span class={balanced === false ? 'badge bad' : 'badge'}>
            {balanced === null ? t.unknown : balanced ? t.balanced : t.notBalanced}
          </span>
        </h3>
        <button type="button" id="compare-rows" disabled={comparing.value} onClick={() => void compare()}>
          {compared.value?.balanced ? t.rowsAgree : t.compareRows}
        </button>
      </div>
      {failure.value && <p class="failure">{failure.value}</p>}
      {compared.value?.reasons?.map((reason) => (
        <p key={reason} class="failure" lang="en">
          {reason}
        </p>
      ))}
    </>
  );
}

/** Null while a lane can't be read. */
function asEntered({ received, stored, duplicate, dead, inFlight, missing }: Record<Entry, number | null>) {
  if (inFlight === null || missing === null) return null;
  return missing === 0 && received === stored! + duplicate! + dead! + inFlight;
}
