import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const infra = resolve(fileURLToPath(new URL('../..', import.meta.url)));

export interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
}

export interface PrometheusConfig {
  global: Record<string, string>;
  rule_files: string[];
  scrape_configs: {
    job_name: string;
    dns_sd_configs?: { names: string[]; type: string; port: number }[];
    static_configs?: { targets: string[] }[];
  }[];
}

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

const read = (path: string) => readFileSync(join(infra, path), 'utf8');

export const readPrometheusConfig = () => parse(read('prometheus/prometheus.yml')) as PrometheusConfig;

export const readRules = () =>
  (parse(read('prometheus/rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  );

/** Every query of the dashboard, as Grafana sends it. */
export function readDashboardQueries(): string[] {
  const { panels } = JSON.parse(read('grafana/dashboards/event-tracker.json')) as { panels: Panel[] };
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return queries.map((query) => query.replaceAll('$__rate_interval', '1m'));
}

/** The metrics that a query names: of a histogram, its parts. */
export const metricsIn = (query: string): string[] => query.match(/\bevent_tracker_\w+/g) ?? [];
