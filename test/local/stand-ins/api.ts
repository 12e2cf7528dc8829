/** Stands in for the API in tests of the stack: answers health checks and says what it was started with. */
import { createServer } from 'node:http';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
pool.on('error', () => undefined);

const server = createServer((request, response) => {
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === '/healthz') answer(200, {});
  else if (request.url === '/env') answer(200, process.env);
  else {
    pool.query('SELECT count(*) FROM schema_migration').then(
      () => answer(200, {}),
      () => answer(503, { database: 'down' }),
    );
  }
});

const end = (): void => process.exit(0);
process.on('SIGTERM', end).on('disconnect', end);
server.listen(Number(process.env.PORT), '127.0.0.1');
