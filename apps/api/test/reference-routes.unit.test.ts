import { expect, test } from '@jest/globals';
import express from 'express';
import { createApp } from '../src/http/app.ts';
import { createReference } from '../src/http/reference/document.ts';

/** Answers whatever is asked of it with itself: what the routes need, when nobody calls them. Folders are texts. */
const anything: unknown = new Proxy(() => anything, {
  get: (_, name) => (typeof name === 'string' && name.endsWith('Folder') ? '/nowhere' : anything),
});

/** Files of the pages, and pages that are not made of routes of ours. */
const assets = new Set(['GET /docs/{file}', 'GET /assets/{name}']);
const mounted = new Set(['GET /admin/queues']);

interface Route {
  path: string;
  methods: Record<string, boolean>;
}

/** Every route that the app registers, such as `GET /api/search/recent/{userId}`: Express keeps no list of them. */
function registeredRoutes(): string[] {
  const prototype = express.Router.prototype as Record<'use' | 'route', (...args: unknown[]) => unknown>;
  const original = { ...prototype, use: prototype.use, route: prototype.route };
  const parents = new Map<unknown, { router: unknown; path: string }>();
  const routes: { router: unknown; route: Route }[] = [];
  prototype.use = function use(this: unknown, ...args: unknown[]) {
    const path = typeof args[0] === 'string' ? args[0] : '';
    for (const child of args.flat()) if (isRouter(child)) parents.set(child, { router: this, path });
    return original.use.apply(this, args);
  };
  prototype.route = function route(this: unknown, ...args: unknown[]) {
    const made = original.route.apply(this, args) as Route;
    routes.push({ router: this, route: made });
    return made;
  };
  const pathTo = (router: unknown): string => {
    const parent = parents.get(router);
    return parent ? pathTo(parent.router) + parent.path : '';
  };
  try {
    createApp(anything as Parameters<typeof createApp>[0]);
  } finally {
    Object.assign(prototype, original);
  }
  return routes.flatMap(({ router, route: { path, methods } }) =>
    Object.keys(methods)
      .filter((method) => !method.startsWith('_'))
      .map((method) => `${method.toUpperCase()} ${openApiPath(pathTo(router) + path)}`),
  );
}

function isRouter(candidate: unknown): boolean {
  return typeof candidate === 'function' && Array.isArray(Reflect.get(candidate, 'stack'));
}

const openApiPath = (path: string) =>
  path
    .replace(/\/+/g, '/')
    .replace(/:(\w+)/g, '{$1}')
    .replace(/(.)\/$/, '$1');

interface Operation {
  operationId: string;
}

function documentedRoutes(): string[] {
  const { paths } = createReference() as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

test('every route is documented, and everything that is documented is a route', () => {
  const registered = registeredRoutes().filter((route) => !assets.has(route));
  expect(registered.length).toBeGreaterThan(8);
  expect(documentedRoutes().sort()).toEqual([...new Set([...registered, ...mounted])].sort());
});

test('each operation has a name of its own, and says who may call it', () => {
  const { paths } = createReference() as { paths: Record<string, Record<string, Operation>> };
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const operation of operations)
    expect(operation).toMatchObject({
      summary: expect.stringMatching(/./),
      tags: [expect.stringMatching(/./)],
      security: expect.any(Array),
    });
});
