import { useEffect, useRef } from 'preact/hooks';
import { askingKey, isAdmin, keepKey, key, signIn, signOut } from './api.ts';
import { messages } from './preferences.ts';
import { linkRefused } from './sign-in-link.ts';

export function KeyDialog() {
  const t = messages.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const asking = askingKey.value;

  useEffect(() => {
    if (asking && !dialog.current!.open) dialog.current!.showModal();
    else if (!asking) dialog.current!.close();
  }, [asking]);

  /** An admin token becomes a cookie and is kept by no script; what is none is an API key. */
  async function use(value: string): Promise<void> {
    const signedIn = await signIn(value).catch(() => false);
    keepKey(signedIn ? '' : value);
    close();
  }

  function close(): void {
    askingKey.value = false;
    linkRefused.value = false;
  }

  return (
    <dialog ref={dialog} aria-labelledby="key-title" onClose={close}>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void use(input.current!.value.trim());
        }}
      >
        <h2 id="key-title">{t.key}</h2>
        {linkRefused.value && <p class="failure">{t.linkRefused}</p>}
        <p>{t.keyHint}</p>
        <label>
          {t.keyLabel}
          <input ref={input} id="key" type="password" autocomplete="off" required defaultValue={key.value} />
        </label>
        <p class="actions">
          <button type="submit" class="primary">
            {t.keySave}
          </button>
          {(key.value !== '' || isAdmin.value) && (
            <button type="button" onClick={() => void signOut().then(close)}>
              {t.keyForget}
            </button>
          )}
          <button type="button" onClick={close}>
            {t.cancel}
          </button>
        </p>
      </form>
    </dialog>
  );
}
