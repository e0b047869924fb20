import { Writable } from 'node:stream';
import { until } from '@event-tracker/testing';
import { expect, test } from '@jest/globals';
import { joinWrites } from '../src/index.ts';

/** What leaves, as it leaves. */
function socket() {
  const left: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    writev(chunks, done) {
      left.push(chunks.map(({ chunk }) => chunk).join(''));
      done();
    },
    write(chunk, _encoding, done) {
      left.push(chunk);
      done();
    },
  });
  joinWrites(stream);
  return { stream, left };
}

test('what is written in one turn leaves as one, in its order, and nothing waits for the next turn', async () => {
  const { stream, left } = socket();
  stream.write('a');
  void Promise.resolve().then(() => stream.write('b'));
  await new Promise(setImmediate);
  expect(left).toEqual(['ab']);
  stream.write('c');
  await new Promise(setImmediate);
  expect(left).toEqual(['ab', 'c']);
});

test('the end of a socket sends what was written before it', async () => {
  const { stream, left } = socket();
  stream.write('a');
  stream.end('b');
  await until(() => stream.writableFinished);
  expect(left.join('')).toBe('ab');
});
