/**
 * The console's own style sheets, as one, and htmx, served by us.
 * Invariant: an asset's address holds a hash of its content, so it may be kept for ever; nothing is loaded from elsewhere.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Router } from 'express';

interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly zipped: Buffer;
}

function asset(files: readonly string[], name: string, type: string): Asset {
  const body = Buffer.concat(files.map((file) => readFileSync(file)));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return { path: `/assets/${hash}/${name}`, type, body, zipped: gzipSync(body) };
}

const own = (file: string): string => path.join(__dirname, file);
/** In this order: later ones take back what earlier ones say. */
const STYLES = ['ground', 'parts', 'forms', 'pages', 'narrow', 'report'].map((name) => own(`styles/${name}.css`));
const style = asset(STYLES, 'console.css', 'text/css; charset=utf-8');
const htmx = asset([require.resolve('htmx.org/dist/htmx.min.js')], 'htmx.js', 'text/javascript; charset=utf-8');

const icon = asset([own('icon.svg')], 'icon.svg', 'image/svg+xml');

/** Where a page finds them. */
export const ASSETS = {
  style: `/console${style.path}`,
  htmx: `/console${htmx.path}`,
  icon: `/console${icon.path}`,
} as const;

/** Open to strangers: the sign-in page needs them. */
export function assetRoutes(): Router {
  const router = Router();
  for (const { path: at, type, body, zipped } of [style, htmx, icon]) {
    router.get(at, (request, response) => {
      response.set({
        'content-type': type,
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
      });
      if (request.acceptsEncodings('gzip')) response.set('content-encoding', 'gzip').send(zipped);
      else response.send(body);
    });
  }
  return router;
}
