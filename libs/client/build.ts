/** Builds what browsers load, into dist/: tracker.js for a script tag, tracker.mjs to import, each with its compressed twins. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

const outputs = [
  { file: 'tracker.js', entry: 'src/browser/script.ts', format: 'iife' },
  { file: 'tracker.mjs', entry: 'src/browser/index.ts', format: 'es' },
] as const;

for (const { file, entry, format } of outputs) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      emptyOutDir: false,
      // A library's module is left with its white space otherwise.
      rolldownOptions: { output: { minify: true } },
      lib: { entry, formats: [format], name: 'eventTracker', fileName: () => file },
    },
  });
  const path = `${root}dist/${file}`;
  const content = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(content));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
