import type pg from 'pg';

const reconnectMs = 1000;

export interface Listening {
  /** Whether notifications arrive, as far as is known: the connection that listens stands. */
  hears(): boolean;
  close(): Promise<void>;
}

/**
 * Listens on a connection of its own, and connects again whenever it breaks. A notification is a hint alone: what is
 * missed meanwhile is found by polling. Told without a payload each time that it begins to listen.
 */
export function listenOn(
  pool: pg.Pool,
  channel: string,
  onNotification: (payload?: string) => void,
): Listening {
  let closed = false;
  let heard = false;
  let client: pg.PoolClient | undefined;
  let retry: NodeJS.Timeout | undefined;
  const tell = ({ payload }: pg.Notification) => onNotification(payload);

  async function connect(): Promise<void> {
    const connecting = await pool.connect();
    if (closed) {
      connecting.release(true);
      return;
    }
    client = connecting;
    connecting.on('notification', tell);
    connecting.once('end', () => lose(connecting));
    connecting.once('error', () => lose(connecting));
    await connecting.query(`listen "${channel}"`);
    heard = client === connecting;
    onNotification();
  }

  function lose(lost: pg.PoolClient): void {
    if (client !== lost) return;
    client = undefined;
    heard = false;
    lost.off('notification', tell);
    lost.release(true);
    again();
  }

  function again(): void {
    if (closed) return;
    clearTimeout(retry);
    retry = setTimeout(attempt, reconnectMs);
  }

  function attempt(): void {
    connect().catch(() => (client ? lose(client) : again()));
  }

  attempt();
  return {
    hears: () => heard,
    async close() {
      closed = true;
      heard = false;
      clearTimeout(retry);
      const last = client;
      client = undefined;
      last?.release(true);
    },
  };
}
