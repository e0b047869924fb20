/**
 * Preloaded into a process of the product by NODE_OPTIONS: ends it by SIGKILL at one exact step. The product does not
 * know; what it says to its stores and clients is watched in their libraries.
 *
 * CRASH_AT holds JSON of a CrashPoint. CRASH_TRACE names a file that every step is written to, for whoever
 * looks for a pattern.
 */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { CrashPoint } from './crash-point.ts';

const traceFile = process.env.CRASH_TRACE;
const point = JSON.parse(process.env.CRASH_AT ?? 'null') as CrashPoint | null;
const pattern = new RegExp(point?.step ?? '$^', 'i');
let seen = 0;

type When = CrashPoint['when'];

/** Whether this step is the one; `before` and `sent` are counted when it is sent, `after` when it is answered. */
function isPoint(step: string, values: unknown, ...moments: When[]): boolean {
  if (traceFile) appendFileSync(traceFile, `${moments.join('|')} ${step}\n`);
  if (!point || !moments.includes(point.when) || !pattern.test(step)) return false;
  if (point.holding !== undefined && !String(values).includes(point.holding)) return false;
  seen += 1;
  return seen === (point.nth ?? 1);
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}

/**
 * Runs `send` and ends the process before it, or as soon as what it wrote has left: libraries hold writes back until
 * the end of the tick, and an answer is read in a later turn of the event loop, not in a tick.
 */
function sending<T>(step: string, send: () => T, values?: unknown): T {
  if (!isPoint(step, values, 'before', 'sent')) return send();
  if (point?.when === 'before') die();
  const result = send();
  process.nextTick(() => process.nextTick(die));
  return result;
}

function answered(step: string): void {
  if (isPoint(step, undefined, 'after')) die();
}

// Redis: `redis NAME`, for a script the name that it was defined by, such as `redis addStandardJob:5.80.0`.

const scripts = new Map<string, string>();
const { defineCommand, sendCommand } = Redis.prototype;

Redis.prototype.defineCommand = function (name, definition) {
  scripts.set(createHash('sha1').update(definition.lua).digest('hex'), name);
  defineCommand.call(this, name, definition);
};

Redis.prototype.sendCommand = function (command, stream) {
  const sha = command.name.startsWith('eval') ? String(command.args[0]) : '';
  const step = `redis ${scripts.get(sha) ?? command.name}`;
  const result = sending(step, () => sendCommand.call(this, command, stream));
  command.promise.then(
    () => answered(step),
    () => {},
  );
  return result;
};

// PostgreSQL: `pg NAME` for a prepared statement, else `pg` and its text in one line; `pg commit after NAME`, since each
// transaction ends with the same word.

type Query = (...args: unknown[]) => unknown;
const clientPrototype = pg.Client.prototype as unknown as { query: Query };
const { query } = clientPrototype;
const lastTexts = new WeakMap<object, string>();

clientPrototype.query = function (this: pg.Client, ...args: unknown[]) {
  const [config] = args as [string | { name?: string; text?: string; values?: unknown[] }];
  const text = typeof config === 'string' ? config : (config.name ?? config.text ?? '');
  const ending = text === 'commit' ? ` after ${lastTexts.get(this)}` : '';
  lastTexts.set(this, text);
  const step = `pg ${text.replace(/\s+/g, ' ').trim()}${ending}`;
  const callback = args.at(-1);
  if (typeof callback === 'function') {
    args[args.length - 1] = (cause: unknown, result: unknown) => {
      if (!cause) answered(step);
      callback(cause, result);
    };
  }
  const values = typeof config === 'string' ? undefined : config.values;
  const result = sending(step, () => query.apply(this, args), values);
  if (result instanceof Promise) {
    result.then(
      () => answered(step),
      () => {},
    );
  }
  return result;
};

// HTTP: `http body METHOD PATH` when a request has been read, `http STATUS` for an answer.

const { emit } = IncomingMessage.prototype;
IncomingMessage.prototype.emit = function (event: string | symbol, ...args: unknown[]): boolean {
  if (event !== 'end' || !this.method) return emit.call(this, event, ...args);
  return sending(`http body ${this.method} ${this.url}`, () => emit.call(this, event, ...args));
};

const { end } = ServerResponse.prototype as unknown as { end: Query };
(ServerResponse.prototype as unknown as { end: Query }).end = function (
  this: ServerResponse,
  ...args: unknown[]
) {
  return sending(`http ${this.statusCode}`, () => end.apply(this, args));
};
