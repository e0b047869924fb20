const pages = [
  ['Dashboard', '/'],
  ['Queue board', '/admin/queues'],
  ['API reference', '/docs'],
] as const;

export const addresses = (apiUrl: string): string =>
  pages.map(([name, path]) => `  ${name.padEnd(16)}${apiUrl}${path}`).join('\n');
