import { Agent, request } from 'node:http';
import { asAdmin } from '@event-tracker/testing';

export interface Answer {
  status: number;
  body: string;
  servedBy: string | undefined;
}

export interface Client {
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  close(): void;
}

/** A client that keeps its connections open and costs little, so that it can be beside what is measured. */
export function createClient(url: string): Client {
  const agent = new Agent({ keepAlive: true });

  function send(method: string, path: string, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(path.startsWith('/admin') && asAdmin),
      };
      const sent = request(url + path, { agent, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            body: text,
            servedBy: response.headers['x-served-by']?.toString(),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, JSON.stringify(body)),
    close: () => agent.destroy(),
  };
}
