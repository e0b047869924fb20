import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { access, ask, askingKey, isAdmin, Refused, urlOf } from '../shell/api.ts';
import { messages, number } from '../shell/preferences.ts';
import { Balance } from './balance.tsx';
import { type DeadLetter, DeadLetters } from './dead-letters.tsx';

const refreshMs = 3000;
const shown = ['received', 'stored', 'duplicate', 'dead', 'inFlight', 'missing'] as const;

type Books = Record<(typeof shown)[number], number | null>;

/** The books and the dead letters, for whoever may see them; looked at again every few seconds. */
export function Operators() {
  const t = messages.value;
  const books = useSignal<Books | undefined>(undefined);
  const letters = useSignal<DeadLetter[]>([]);
  const refusal = useSignal<number | undefined>(undefined);
  const withAccess = access.value;

  async function read(): Promise<void> {
    try {
      books.value = await ask<Books>('admin/ledger/entered');
      letters.value = (
        await ask<{ deadLetters: DeadLetter[] }>('admin/dead-letters', { limit: '20' })
      ).deadLetters;
      refusal.value = undefined;
    } catch (cause) {
      refusal.value = cause instanceof Refused ? cause.status : 503;
    }
    isAdmin.value = refusal.value !== 401 && refusal.value !== 403;
  }

  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // The next round begins after this one has ended: answers that take long are not asked for twice at a time.
    async function rounds(): Promise<void> {
      // Who is let in only with a token is not asked again until there is one.
      const refused = refusal.peek() === 401 || refusal.peek() === 403;
      if (timer === undefined || !(refused || document.hidden)) await read();
      if (!left) timer = setTimeout(() => void rounds(), refreshMs);
    }
    void rounds();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [withAccess]);

  return (
    <section class="card full" aria-labelledby="operators">
      <div class="card-head">
        <h2 id="operators">{t.operators}</h2>
        <a href={urlOf('admin/queues').href}>{t.queueBoard}</a>
      </div>
      <Refusal status={refusal.value} />
      {books.value && refusal.value !== 401 && refusal.value !== 403 && (
        <>
          <Balance books={books.value} />
          <dl class="books">
            {shown.map((name) => (
              <div key={name} data-book={name}>
                <dt>{t.ledger[name]}</dt>
                <dd class="number">
                  {books.value![name] === null ? '–' : number.value.format(books.value![name])}
                </dd>
              </div>
            ))}
          </dl>
          <DeadLetters letters={letters.value} onReplayed={() => void read()} />
        </>
      )}
    </section>
  );
}

function Refusal({ status }: { status: number | undefined }) {
  const t = messages.value;
  switch (status) {
    case undefined:
      return null;
    case 401:
      return (
        <p class="actions">
          {t.adminNeeded}
          <button type="button" onClick={() => (askingKey.value = true)}>
            {t.key}
          </button>
        </p>
      );
    case 403:
      return <p class="note">{t.adminNotSet}</p>;
    default:
      return <p class="failure">{t.away}</p>;
  }
}
