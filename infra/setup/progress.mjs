/** Milliseconds between two lines where the output is no terminal (a log, a CI job). */
const plainIntervalMs = 10_000;

/**
 * Shows that something long goes on: on a terminal one line that counts the seconds, elsewhere a line now and then, as
 * also with `lines`, for work that prints by itself. `say` puts a line in between; `end` takes the progress away and
 * leaves the line that it is given.
 */
export function startProgress(label, { lines = false, out = process.stdout } = {}) {
  const began = Date.now();
  const counts = out.isTTY && !lines;
  const text = () => `${label} ... ${Math.floor((Date.now() - began) / 1000)} s`;
  const draw = () => out.write(counts ? `\r\x1b[2K${text()}` : `${text()}\n`);
  const erase = () => counts && out.write('\r\x1b[2K');
  if (counts) draw();
  const timer = setInterval(draw, counts ? 1_000 : plainIntervalMs);
  timer.unref();
  return {
    seconds: () => ((Date.now() - began) / 1000).toFixed(1),
    say(line) {
      erase();
      out.write(`${line}\n`);
      if (counts) draw();
    },
    end(line) {
      clearInterval(timer);
      erase();
      if (line !== undefined) out.write(`${line}\n`);
    },
  };
}
