import { chromiumAdvice, findChromium } from './find-chromium.mjs';
import { findNginx, nginxAdvice } from './find-nginx.mjs';
import { findPgBouncer, pgBouncerAdvice } from './find-pgbouncer.mjs';
import { findPrometheus, prometheusAdvice } from './find-prometheus.mjs';
import { findRedis, redisAdvice } from './find-redis.mjs';

/**
 * Programs that no npm package brings. `packages` of Debian in the order in which they are wanted, each from its
 * `oldest` version; `services` that come with them.
 */
const redis = {
  name: 'Redis',
  find: findRedis,
  advice: redisAdvice,
  packages: ['redis-server', 'valkey-server'],
  services: ['redis-server', 'valkey-server'],
  oldest: 7,
};
const prometheus = {
  name: 'Prometheus',
  find: findPrometheus,
  advice: prometheusAdvice,
  packages: ['prometheus'],
  services: ['prometheus'],
  oldest: 2,
};
const pgBouncer = {
  name: 'PgBouncer',
  find: findPgBouncer,
  advice: pgBouncerAdvice,
  packages: ['pgbouncer'],
  services: ['pgbouncer'],
  oldest: 1,
};
const chromium = {
  name: 'Chromium',
  find: findChromium,
  advice: chromiumAdvice,
  packages: ['chromium'],
  services: [],
  oldest: 110,
};
const nginx = {
  name: 'nginx',
  find: findNginx,
  advice: nginxAdvice,
  packages: ['nginx-light', 'nginx'],
  services: ['nginx'],
  oldest: 1,
};

/** What has to be on the machine. The tests start stores of their own; `npm start` needs none where it is pointed to others. */
export const needsOf = {
  start: (env) => (env.REDIS_URL || (env.QUEUE_REDIS_URL && env.VIEWS_REDIS_URL) ? [] : [redis]),
  // The copies are files: nothing is started.
  restore: () => [],
  test: () => [redis, prometheus, chromium, nginx, pgBouncer],
};

export const missingOf = (needs) => needs.filter(({ find }) => !find().path);
