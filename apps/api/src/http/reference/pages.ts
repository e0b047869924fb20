import { z } from 'zod';
import type { ZodOpenApiPathItemObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { problems } from './problems.ts';

const notBuilt = problems([503, 'Its build is missing.']);

const page = (operationId: string, summary: string, refusals = {}): ZodOpenApiPathItemObject => ({
  get: {
    tags: ['Pages'],
    operationId,
    summary,
    security: [],
    responses: {
      '200': { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
      ...refusals,
    },
  },
});

const script = (operationId: string, summary: string): ZodOpenApiPathItemObject => ({
  get: {
    tags: ['Pages'],
    operationId,
    summary,
    description: 'Any site may load it.',
    security: [],
    responses: {
      '200': { description: 'The script.', content: { 'text/javascript': { schema: z.string() } } },
      ...notBuilt,
    },
  },
});

export const pagePaths: ZodOpenApiPathsObject = {
  '/': page('dashboard', 'The dashboard, a page', notBuilt),
  '/tracker.js': script('trackerScript', 'The tracker for any site, by a script tag'),
  '/tracker.mjs': script('trackerModule', 'The tracker for any site, as a module'),
  '/docs': page('reference', 'This reference, a page'),
  '/openapi.json': {
    get: {
      tags: ['Pages'],
      operationId: 'openapi',
      summary: 'This reference as OpenAPI 3.1',
      security: [],
      responses: {
        '200': {
          description: 'The document.',
          content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
        },
      },
    },
  },
};
