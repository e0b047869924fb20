import type { Writable } from 'node:stream';

/**
 * Makes what is written to a socket in one turn of the event loop leave as one: each write is a system call, here and where
 * it arrives, and costs many times what a short command's bytes do. Nothing waits: the turn's end sends it.
 */
export function joinWrites(socket: Writable): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let joining = false;
  socket.write = ((...args: unknown[]) => {
    if (!joining) {
      joining = true;
      socket.cork();
      process.nextTick(() => {
        joining = false;
        socket.uncork();
      });
    }
    return write(...args);
  }) as typeof socket.write;
}
