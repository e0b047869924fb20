import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findPrometheus } from '../setup/shared.mjs';
import { infra, readPrometheusConfig, readRules } from './support/monitoring-files.ts';

const rules = readRules();
const promtool = findPrometheus().promtool!;
const run = (...args: string[]) =>
  execFileSync(promtool, args, { cwd: join(infra, 'prometheus'), encoding: 'utf8', stdio: 'pipe' });

test('promtool finds the configuration and its rules valid', () => {
  expect(run('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
});

test('each alert fires when it should and is quiet when it should not, as promtool sees it', () => {
  expect(run('test', 'rules', 'rules.test.yml')).toContain('SUCCESS');
  const cases = readFileSync(join(infra, 'prometheus/rules.test.yml'), 'utf8');
  for (const { alert } of rules)
    for (const kind of ['fires', 'is quiet']) expect(cases).toContain(`name: ${alert} ${kind}\n`);
});

test('each alert has a paragraph in docs/operations.md, and each paragraph an alert', () => {
  const docs = readFileSync(join(infra, '../docs/operations.md'), 'utf8');
  const section = docs.split(/^## /m).find((part) => part.startsWith('What to do when'))!;
  const paragraphs = [...section.matchAll(/^### (.+)\n\n\S/gm)].map(([, heading]) =>
    heading!.toLowerCase().replaceAll(' ', '-'),
  );
  const linked = new Set(rules.map(({ annotations }) => annotations.runbook));
  expect(paragraphs.map((anchor) => `docs/operations.md#${anchor}`).sort()).toEqual([...linked].sort());
  for (const { alert } of rules) expect(section).toContain(`\`${alert}\``);
});

test('every replica of API and worker is found by the name of its service, under an address of either family', () => {
  const found = readPrometheusConfig().scrape_configs.map(({ dns_sd_configs }) => dns_sd_configs);
  const inBoth = (target: object) => [
    { ...target, type: 'A' },
    { ...target, type: 'AAAA' },
  ];
  expect(found).toMatchObject([
    inBoth({ names: ['api'], port: 8080 }),
    inBoth({ names: ['worker'], port: 8081 }),
  ]);
});
