/**
 * What one writes first: Express with its JSON parser, a zod schema, and one job per event, answered when BullMQ has it.
 * The libraries are as they come, and as durable as the Redis behind them, which is the one that all sides use.
 *
 * Environment: REDIS_URL
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Queue } from 'bullmq';
import express from 'express';
import { z } from 'zod';

const id = z.int().positive();
const eventSchema = z.strictObject({
  eventType: z.enum(['CLICK', 'PAGE_VIEW', 'SEARCH', 'LIKE', 'UNLIKE']),
  userId: id.optional(),
  sessionId: z.string().min(1).max(128),
  metadata: z.strictObject({
    componentId: id,
    elementId: z.string().min(1).max(256).optional(),
    keyword: z.string().min(1).max(100).optional(),
    postId: id.optional(),
  }),
  eventId: z.uuid().optional(),
  occurredAt: z.iso.datetime({ offset: true }).optional(),
});

const queue = new Queue('naive', { connection: { url: process.env.REDIS_URL! } });
const app = express();
app.use(express.json());
app.post('/api/events', async (request, response) => {
  const parsed = eventSchema.safeParse(request.body);
  if (!parsed.success) {
    response.status(400).json({ errors: parsed.error.issues });
    return;
  }
  const eventId = parsed.data.eventId ?? randomUUID();
  await queue.add(parsed.data.eventType, { ...parsed.data, eventId });
  response.status(202).json({ eventId });
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
