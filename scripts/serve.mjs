// A small static server on the loopback interface, for `make serve` and the browser tests.
//     node scripts/serve.mjs FOLDER        serves it at PORT (8080) until Ctrl-C
//     node scripts/serve.mjs --check       only says whether PORT can be had
import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.lzma': 'application/x-lzma',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.yaml': 'application/yaml; charset=utf-8',
};
const COMPRESSED = new Set(['.png', '.woff2', '.ico', '.lzma']);

/** Serves `folder` on 127.0.0.1:`port` (0: any free one); resolves to the http.Server once it listens. */
export async function serve(folder, port = 0) {
  const root = await realpath(folder);
  const files = new Map(); // path -> { modified, size, body, zipped, etag }: a wasm file is compressed once, not per visit

  async function load(path) {
    const { mtimeMs: modified, size } = await stat(path);
    const known = files.get(path);
    if (known?.modified === modified && known.size === size) return known;
    const body = await readFile(path);
    const zipped = COMPRESSED.has(extname(path)) ? null : gzipSync(body, { level: 9 });
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    const file = { modified, size, body, zipped, etag };
    files.set(path, file);
    return file;
  }

  /** The file a URL path names inside `root`, or null: hidden files and links out of the folder are not served. */
  async function find(urlPath) {
    const path = join(root, decodeURIComponent(urlPath));
    const target = await realpath((await stat(path)).isDirectory() ? join(path, 'index.html') : path);
    const inside = target.startsWith(root + sep) && !target.slice(root.length).includes(sep + '.');
    return inside && (await stat(target)).isFile() ? target : null;
  }

  async function answer(request, response) {
    const plain = (status, text) => {
      response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text + '\n');
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Method not allowed');
    const path = await find(request.url.split(/[?#]/, 1)[0]).catch(() => null);
    if (path === null) return plain(404, 'Not found');
    const { body, zipped, etag } = await load(path);
    // Always asked for again, and answered with 304 where nothing changed: a rebuilt page is never a stale one.
    const headers = { 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff', ETag: etag, Vary: 'Accept-Encoding' };
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end();
    const zip = zipped !== null && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    const content = zip ? zipped : body;
    headers['Content-Type'] = TYPES[extname(path)] ?? 'application/octet-stream';
    headers['Content-Length'] = content.length;
    if (zip) headers['Content-Encoding'] = 'gzip';
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : content);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function main([argument]) {
  const port = Number(process.env.PORT || 8080);
  const fail = (problem) => {
    console.error(`Saya: ${problem}; choose a free port, such as: make serve PORT=${port === 8081 ? 8082 : 8081}`);
    process.exit(1);
  };
  if (!Number.isInteger(port) || port < 1 || port > 65535) fail(`PORT=${process.env.PORT} is no port`);
  const folder = argument === '--check' ? dirname(fileURLToPath(import.meta.url)) : argument;
  const server = await serve(folder, port).catch((error) => {
    if (error.code === 'EADDRINUSE') fail(`port ${port} is taken`);
    if (error.code === 'EACCES') fail(`port ${port} needs more rights`);
    throw error;
  });
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  if (argument === '--check') return stop();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  console.log(`Saya is at http://127.0.0.1:${port}/`);
}

if (basename(process.argv[1] ?? '') === 'serve.mjs') await main(process.argv.slice(2));
