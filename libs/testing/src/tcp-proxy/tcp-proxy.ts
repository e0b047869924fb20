import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** What the network between the two sides is like. */
export interface Conditions {
  /** Milliseconds that every byte is held back, each way; fractions count. */
  delayMs: number;
}

/** Where the proxy's thread connects to, and what it starts with. */
export interface ProxySetup {
  port: number;
  conditions: Conditions;
}

/** A network between a process and a server, on loopback. */
export interface TcpProxy {
  /** Where it listens, on 127.0.0.1. */
  port: number;
  /** A URL of the server, changed so that it leads through the proxy. */
  through(url: string): string;
  /** Changes the conditions of the connections that are open, too. */
  set(conditions: Conditions): void;
  /** Cuts all connections and stops listening. */
  stop(): Promise<void>;
}

const thread = fileURLToPath(new URL('tcp-proxy-thread.ts', import.meta.url));

/**
 * Starts a proxy before the server on this port of 127.0.0.1. It runs in a thread of its own: its work waits for nothing
 * that this thread does, and takes no time from it. A server that is not there yet is no error: connections are closed.
 */
export async function startTcpProxy({ port, conditions }: ProxySetup): Promise<TcpProxy> {
  const worker = new Worker(thread, { workerData: { port, conditions } satisfies ProxySetup });
  const [listening] = (await once(worker, 'message')) as [number];
  // It is this process's to end; nothing else is to wait for it.
  worker.unref();
  return {
    port: listening,
    through(url) {
      const changed = new URL(url);
      if (Number(changed.port) !== port)
        throw new Error(`the proxy leads to port ${port}, not to ${changed.host}`);
      changed.port = `${listening}`;
      return changed.href;
    },
    set: (changed) => worker.postMessage(changed),
    async stop() {
      await worker.terminate();
    },
  };
}
