import pg from 'pg';

/** Runs `work` with a connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectClient(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function connectClient(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  // An interrupted run ends the server below its connections; what is under way rejects by itself.
  client.on('error', () => {});
  await client.connect();
  return client;
}
