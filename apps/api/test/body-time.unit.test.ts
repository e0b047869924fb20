import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { answerBody } from './answer-body.ts';
import { bodyShapes } from './body-shapes.ts';
import type { BodyTime } from './measure-body-times.ts';

const program = fileURLToPath(new URL('measure-body-times.ts', import.meta.url));

test('every body costs at most five times its JSON.parse, and 20 µs an event', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program], { maxBuffer: 16 << 20 });
  const times: BodyTime[] = JSON.parse(stdout);
  expect(times.length).toBe([...bodyShapes()].length);
  const tooSlow = times
    .filter(({ takenMs, allowedMs }) => takenMs > allowedMs)
    .map(({ name, takenMs, allowedMs }) => `${name}: ${takenMs.toFixed(2)} ms of ${allowedMs.toFixed(2)} ms`);
  expect(tooSlow).toEqual([]);
}, 300_000);

test('no answer outgrows its body', async () => {
  for (const shape of bodyShapes()) {
    const body = Buffer.from(shape.text);
    const { length } = await answerBody(shape, body);
    // A result of an accepted event is longer than a short event; 1,000 errors are less than 500 bytes each.
    expect({ name: shape.name, tooLong: length > 500_000 && length > body.length }).toEqual({
      name: shape.name,
      tooLong: false,
    });
  }
}, 120_000);
