import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@event-tracker/testing';
import { afterEach, expect, test } from '@jest/globals';
import { watchUsage } from '../kit/process-usage.ts';

const parents: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL');
});

/** A process that starts a child which takes half a second of CPU, says when it has ended, and stays. */
async function startFamily(): Promise<{ pid: number; childEnded: Promise<unknown> }> {
  const busy = 'while (process.cpuUsage().user < 500_000);';
  const code = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(busy)}]);
    child.on('exit', () => console.log('ended'));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  parents.push(parent);
  return { pid: parent.pid!, childEnded: once(parent.stdout!, 'data') };
}

test('a family counts with its children, while they run and once they have ended', async () => {
  const { pid, childEnded } = await startFamily();
  const usage = watchUsage({ alone: pid, family: { family: pid }, several: [pid, pid] });
  const beyond = () => {
    const { alone, family } = usage();
    return family.cpuSeconds - alone.cpuSeconds;
  };
  await until(() => beyond() > 0.05, { what: 'the work of a running child' });
  await childEnded;
  await until(() => beyond() > 0.4, { what: 'the work of an ended child' });
});

test('several processes count as one', () => {
  const usage = watchUsage({ one: process.pid, twice: [process.pid, process.pid] });
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user < user + 200_000);
  const { one, twice } = usage();
  // A tick of the clock, which counts in 10 ms, may be missing at either end.
  expect(one.cpuSeconds).toBeGreaterThan(0.15);
  expect(twice.cpuSeconds).toBeGreaterThan(1.5 * one.cpuSeconds);
});
