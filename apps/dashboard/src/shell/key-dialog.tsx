import { useEffect, useRef } from 'preact/hooks';
import { askingKey, keepKey, key } from './api.ts';
import { messages } from './preferences.ts';

export function KeyDialog() {
  const t = messages.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const asking = askingKey.value;

  useEffect(() => {
    if (asking && !dialog.current!.open) dialog.current!.showModal();
    else if (!asking) dialog.current!.close();
  }, [asking]);

  function use(value: string): void {
    askingKey.value = false;
    keepKey(value);
  }

  return (
    <dialog ref={dialog} aria-labelledby="key-title" onClose={() => (askingKey.value = false)}>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          use(input.current!.value.trim());
        }}
      >
        <h2 id="key-title">{t.key}</h2>
        <p>{t.keyHint}</p>
        <label>
          {t.keyLabel}
          <input ref={input} id="key" type="password" autocomplete="off" required defaultValue={key.value} />
        </label>
        <p class="actions">
          <button type="submit" class="primary">
            {t.keySave}
          </button>
          {key.value !== '' && (
            <button type="button" onClick={() => use('')}>
              {t.keyForget}
            </button>
          )}
          <button type="button" onClick={() => (askingKey.value = false)}>
            {t.cancel}
          </button>
        </p>
      </form>
    </dialog>
  );
}
