import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** Ends a route: any method that got here is answered with 405 and what is allowed. */
export function onlyMethods(...allowed: string[]): RequestHandler {
  const allow = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  return () => {
    throw new Problem(405, `only ${allow.join(' and ')} can be used here`, {
      headers: { allow: allow.join(', ') },
    });
  };
}
