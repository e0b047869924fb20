import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { peakMemory } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const limit = 512 * 1_048_576;
const uploads = 1000;
const bytes = 1_048_576;
const pieces = 16;

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ env: { NODE_OPTIONS: '--max-old-space-size=512' } });
});

afterAll(() => tracker.stop());

interface Upload {
  sender: ClientRequest;
  status: number | undefined;
  ended: Promise<unknown>;
}

function beginUpload(): Upload {
  const headers = { 'content-type': 'application/json', 'content-length': bytes };
  const sender = request(`${tracker.url}/api/events`, { method: 'POST', headers, agent: false });
  const upload: Upload = { sender, status: undefined, ended: once(sender, 'close') };
  sender.on('response', (answer) => {
    upload.status = answer.statusCode!;
    answer.resume();
  });
  return upload;
}

/** A piece of each, so that all of them are as far as each other. */
async function sendPiece(all: readonly Upload[], piece: Buffer): Promise<void> {
  for (const { sender, status } of all) {
    if (status !== undefined) continue;
    if (!sender.write(piece)) await Promise.race([once(sender, 'drain'), once(sender, 'response')]);
  }
}

test('a thousand slow uploads of 1 MiB do not fill 512 MiB, and single events are taken beside them', async () => {
  const all = Array.from({ length: uploads }, beginUpload);
  const first = Buffer.alloc(bytes / pieces, ' ');
  first.write(JSON.stringify(click()));
  await sendPiece(all, first);
  const more = Buffer.alloc(bytes / pieces, ' ');
  for (let piece = 1; piece < pieces; piece += 1) {
    await sendPiece(all, more);
    await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
  }
  for (const { sender, status } of all) if (status !== undefined) sender.destroy();
  await Promise.all(all.map(({ ended }) => ended));
  const answered = (status: number) => all.filter((upload) => upload.status === status).length;
  expect(answered(202) + answered(503)).toBe(uploads);
  expect(answered(202)).toBeGreaterThan(0);
  if (process.platform === 'linux') expect(peakMemory(tracker.api)).toBeLessThan(limit);
});
